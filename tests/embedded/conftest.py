"""Fixtures of the embedded servers' tests."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer

Make = Callable[..., PostgresServer]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that the server's account can walk through (pytest's own is closed to it)."""
    made = temporary_directory("zbmaint-test-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def initialised() -> Iterator[Callable[[int], Path]]:
    """`initialised(16)`: the data directory of a cluster that was never started; copying it beats another initdb."""
    made = temporary_directory("zbmaint-test-")

    @functools.cache
    def once(version: int) -> Path:
        server = PostgresServer(made / str(version), made / "run", version=version, durable=False)
        server.ensure_initialised()
        return server.data_dir

    yield once
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def make(folder: Path, initialised: Callable[[int], Path]) -> Make:
    """`make(16, port=…)`: the server of a cluster in `folder`; always the same cluster within a test."""

    def server(version: int = 18, *, port: int | None = None, durable: bool = False) -> PostgresServer:
        if not (folder / "data").exists():
            subprocess.run(["cp", "-a", initialised(version), folder / "data"], check=True)
        return PostgresServer(folder / "data", folder / "run", version=version, port=port, durable=durable)

    return server
