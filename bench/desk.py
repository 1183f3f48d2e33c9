"""A desk to measure on: embedded PostgreSQL 18 and Valkey in a folder of their own, and a program that uses them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rows import Row
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.layout import CHECKOUT
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.embedded.valkey import ValkeyServer

OURS = ("DATABASE_URL", "REDIS_URL", "ZBMAINT_DATA", "PORT", "PUBLIC_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def environment(**more: str) -> dict[str, str]:
    """Our environment without what would lead a program to another installation."""
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in OURS}
    return kept | more


@contextmanager
def folder(where: Path | None = None) -> Iterator[Path]:
    """A folder that is gone afterwards, below `where` if that is given."""
    path = temporary_directory("zbmaint-bench-")
    if where is not None:
        path.rmdir()
        path = where / path.name
        path.mkdir(mode=0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def measure_inside(module: str) -> list[Row]:
    """Run `python -m <module>` on a new desk, whose settings it reads at its start; it prints its rows as JSON."""
    with (
        folder() as path,
        PostgresServer(path / "postgres", path / "run") as postgres,
        ValkeyServer(path / "valkey") as valkey,
    ):
        postgres.create_database("zbmaint")
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module],
            cwd=CHECKOUT,
            env=environment(
                DATABASE_URL=postgres.url("zbmaint", "postgres"),
                REDIS_URL=f"unix://{valkey.socket_path}?db=0",
                ZBMAINT_DATA=str(path / "data"),
            ),
            stdout=subprocess.PIPE,
            check=True,
        )
    return [Row(**row) for row in json.loads(done.stdout)]
