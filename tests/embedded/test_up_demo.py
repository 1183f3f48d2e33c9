"""`manage.py up --demo`: generated once, and there again at the next start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.test_up import Starter, until_quiet


@pytest.fixture
def run(folder: Path) -> Iterator[Starter]:
    starter = Starter(folder / "data")
    yield starter
    for up in starter.started:
        if up.process.poll() is None:
            up.end()
    assert until_quiet(starter.data) == []


def test_a_demo_is_generated_once_and_goes_on_with_the_same_data(run: Starter, nobodys_database: str) -> None:
    first = run("up", "--demo", "--no-web", "--no-workers", DATABASE_URL=nobodys_database)
    first.await_line("is ready")
    assert re.search(
        r"Generated 90 days of demo data, seed 1, in .* runs, .* due times, \d findings, [\d,]+ tickets, "
        r"[\d,]+ readings of probes, \d+ weekly reports\.",
        first.text,
    )
    assert "Sign in as admin with the password" in first.text
    assert first.end() == 0

    again = run("up", "--demo", "--no-web", "--no-workers", DATABASE_URL=nobodys_database)
    again.await_line("is ready")
    assert "Generated" not in again.text
    assert again.end() == 0
