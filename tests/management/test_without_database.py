"""`manage.py` while no database answers: whoever forgot to start it reads how, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from zbmaint.embedded.layout import CHECKOUT

NOWHERE = "postgresql://zbmaint:very-secret@127.0.0.1:1/zbmaint"


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECKOUT / "manage.py", *arguments],
        env={**os.environ, "DATABASE_URL": NOWHERE},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", [("run_task", "health_report"), ("rollup",)])
def test_a_command_that_needs_it_says_how_to_start_it(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("The database does not answer: ")
    assert done.stderr.count("\n") == 1
    assert "Connection refused. Start it with `make run`" in done.stderr
    assert "very-secret" not in done.stderr


def test_who_asks_for_a_traceback_gets_one() -> None:
    assert "Traceback (most recent call last)" in call("rollup", "--traceback").stderr
