"""Our own PostgreSQL restarted under worker and ticker: they find it again, and the next occurrence is unaffected."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import psycopg
import pytest

from tests import started_once
from tests.faults.conftest import MANAGE
from tests.services import free_port
from tests.waiting import until
from zbmaint import processes
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.layout import locate
from zbmaint.embedded.postgres import PostgresServer

SHORT = {"RUN_LEASE_SECONDS": "3", "TICK_SECONDS": "0.2", "CANARY_SECONDS": "2", "CANARY_PATIENCE_SECONDS": "8"}


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """The PostgreSQL of a product that was started once, which may be restarted."""
    folder = temporary_directory()
    started_once.copy_to(folder / "product")
    layout = locate(folder / "product")
    # As in production: what was told to have ended has ended after the restart too.
    own = PostgresServer(layout.postgres_data, layout.postgres_sockets, port=free_port())
    own.start()
    own.wait_ready()
    yield own
    own.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Desk:
    """The product's processes on that server, and what its tables say."""

    def __init__(self, server: PostgresServer, logs: Path) -> None:
        self._server = server
        self._environment = {**os.environ, **SHORT, "DATABASE_URL": server.url("zbmaint", "postgres")}
        self._logs = logs
        self.children: list[Popen[bytes]] = []

    def start(self, *arguments: str) -> None:
        with (self._logs / f"{arguments[0]}.log").open("ab") as log:
            child = processes.start([sys.executable, MANAGE, *arguments], env=self._environment, output=log)
        self.children.append(child)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self._server.connect("zbmaint") as session:
                return session.execute(query).fetchall()
        except psycopg.OperationalError:
            return []

    def make_due(self, minutes_ago: int) -> None:
        """The weekly maintenance was due, as it is every Sunday: once, at a full minute of its own."""
        with self._server.connect("zbmaint") as session:
            session.execute("UPDATE maintenance_scheduledtask SET catch_up = 'latest'")
            session.execute(
                "UPDATE maintenance_schedule SET cron = to_char(due AT TIME ZONE 'UTC', 'FMMI FMHH24 * * *'),"
                " time_zone = 'UTC', next_due_at = due"
                " FROM (SELECT date_trunc('minute', now()) - make_interval(mins => %s) AS due) AS just_passed"
                " WHERE key = 'weekly'",
                [minutes_ago],
            )


@pytest.fixture
def desk(server: PostgresServer, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(server, tmp_path)
    made.start("worker", "long")
    made.start("ticker")
    yield made
    for child in made.children:
        processes.stop(child, grace_seconds=20)


@pytest.mark.parametrize(
    "how", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGQUIT], ids=["fast", "immediate"]
)
def test_what_is_due_after_a_restart_is_carried_out(desk: Desk, server: PostgresServer, how: signal.Signals) -> None:
    desk.make_due(minutes_ago=1)
    until(lambda: ended(desk) >= 1, 60, "the first maintenance to end")
    assert server.process is not None
    processes.signal_main(server.process, how)
    processes.reap(server.process, grace_seconds=30)
    server.start()
    server.wait_ready()
    before = ended(desk)
    desk.make_due(minutes_ago=0)
    until(lambda: ended(desk) > before, 60, "the next maintenance to end")
    stale = "SELECT id FROM maintenance_run WHERE state = 'running' AND heartbeat_at < now() - interval '9 seconds'"
    until(lambda: not desk.ask(stale), 20, "what was under way to end or to be lost")
    assert all(child.returncode is None for child in desk.children)


def ended(desk: Desk) -> int:
    rows = desk.ask(
        "SELECT count(*) FROM maintenance_run WHERE task = 'database_maintenance' AND state IN ('succeeded', 'warning')"
    )
    return int(rows[0][0]) if rows else 0
