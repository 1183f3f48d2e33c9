"""The product's web server alone, on the test's own database."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import free_port
from tests.waiting import until
from zbmaint import processes
from zbmaint.management.commands.up import WEB_THREADS


@contextmanager
def web_server(database: str, log: Path) -> Iterator[str]:
    """Its URL, once it answers; it is ended afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", str(WEB_THREADS)]
    with log.open("wb") as output:
        child = processes.start(
            [*command, "zbmaint.wsgi:application"],
            env={**os.environ, "DATABASE_URL": database, "PORT": str(port)},
            output=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), 60, "the web server to answer")
        yield url
    finally:
        processes.stop(child, grace_seconds=15)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
