"""Databases to maintain, and servers that a test may stop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import services
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop, clear_shop, open_shop
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer


@pytest.fixture
def shop(postgres: PostgresServer) -> Iterator[Shop]:
    """An empty database, on each server version in turn."""
    shop = open_shop(postgres)
    yield shop
    clear_shop(shop)


@pytest.fixture
def run_on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RecordingContext]:
    """`run_on(shop.url(), jobs=1)`: a context whose target is that database; keywords are parameters of the task."""

    def make(
        url: str,
        *,
        dry_run: bool = False,
        seconds: float = 600.0,
        at_step: object = None,
        previous_report: dict[str, Any] | None = None,
        **parameters: int,
    ) -> RecordingContext:
        monkeypatch.setenv("SHOP_URL", url)
        return RecordingContext(
            "env:SHOP_URL",
            parameters=parameters,
            dry_run=dry_run,
            previous_report=previous_report,
            seconds=seconds,
            at_step=at_step,  # type: ignore[arg-type]  # a mapping
        )

    return make


@pytest.fixture(params=services.VERSIONS, scope="session")
def mortal_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server, on each version in turn, that tests may stop; knows prepared transactions."""
    folder = temporary_directory()
    server = PostgresServer(
        folder / "data",
        folder / "run",
        version=request.param,
        port=services.free_port(),
        durable=False,
        settings=services.SETTINGS | {"max_prepared_transactions": "5", "shared_buffers": "16MB"},
    )
    with server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mortal_shop(mortal_server: PostgresServer) -> Iterator[Shop]:
    """An empty database on a server that the test may stop."""
    shop = open_shop(mortal_server)
    yield shop
    if mortal_server.running_pid() is None:
        mortal_server.start()
        mortal_server.wait_ready()
    clear_shop(shop)
