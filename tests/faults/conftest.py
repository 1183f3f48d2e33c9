"""Real worker and ticker processes on the test's own database, and a target on which VACUUM takes its time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from django.db import connection

from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.tasks.catalog import CATALOG
from zbmaint import processes
from zbmaint.embedded.postgres import PostgresServer

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
Start = Callable[..., "Popen[bytes]"]


@pytest.fixture
def start(postgres18: PostgresServer, tmp_path: Path) -> Iterator[Start]:
    """`start("worker", "long", RUN_LEASE_SECONDS="2")`: a `manage.py` process on this test's database."""
    children: list[Popen[bytes]] = []
    database = postgres18.url(connection.settings_dict["NAME"], "postgres")

    def begin(*arguments: str, **environment: str) -> Popen[bytes]:
        with (tmp_path / f"{len(children)}-{arguments[0]}.log").open("wb") as log:
            child = processes.start(
                [sys.executable, MANAGE, *arguments],
                env={**os.environ, "DATABASE_URL": database, **environment},
                output=log,
            )
        children.append(child)
        return child

    yield begin
    for child in children:
        processes.stop(child, grace_seconds=15)


@pytest.fixture
def slow_target(postgres: PostgresServer, environment: pytest.MonkeyPatch) -> Iterator[Target]:
    """A database on each server version whose one table takes minutes to vacuum."""
    name = f"slow_{os.getpid()}"
    postgres.create_database(name)
    with postgres.connect(name) as session:
        session.execute("CREATE TABLE heavy AS SELECT generate_series(1, 60000) AS id, repeat('x', 200) AS filler")
        session.execute("DELETE FROM heavy")
        session.execute(f"ALTER DATABASE {name} SET vacuum_cost_delay = '100ms'")
        session.execute(f"ALTER DATABASE {name} SET vacuum_cost_limit = 20")
    environment.setenv("SLOW_DATABASE_URL", postgres.url(name, "postgres"))
    yield Target.objects.create(name="slow", title="Slow", reference="env:SLOW_DATABASE_URL")
    with postgres.connect() as session:
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def slow_run(installed: None, slow_target: Target) -> Run:
    """A queued run of database maintenance on the slow target."""
    return runs.request(CATALOG["database_maintenance"], slow_target, actor=None, origin=Origin.PERSON)
