"""Servers that follow another: a standby cannot be maintained, and its queries may hold back its primary's vacuum."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests import services
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop, maintain, snapshot
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.binaries import postgres_programs
from zbmaint.embedded.postgres import PostgresServer

Run = Callable[..., RecordingContext]


@pytest.fixture
def standby(mortal_shop: Shop) -> Iterator[PostgresServer]:
    """A standby that follows by the slot `follower` and tells its primary what its queries still need."""
    primary = mortal_shop.server
    mortal_shop.execute("SELECT pg_create_physical_replication_slot('follower', true)")
    folder = temporary_directory()
    data = folder / "data"
    source = ["-h", str(primary.socket_dir), "-p", str(primary.port), "-U", "postgres"]
    program = postgres_programs(primary.version, None) / "pg_basebackup"
    subprocess.run([program, *source, "-D", data, "-c", "fast", "--no-sync"], check=True)
    (data / "standby.signal").touch()
    owner = primary.data_dir.stat()
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    settings = {
        "primary_conninfo": f"host={primary.socket_dir} port={primary.port} user=postgres",
        "primary_slot_name": "follower",
        "hot_standby_feedback": "on",
        "wal_receiver_status_interval": "1",
        "max_prepared_transactions": "5",
        "max_connections": services.SETTINGS["max_connections"],
    }
    server = PostgresServer(
        data, folder / "run", version=primary.version, port=services.free_port(), durable=False, settings=settings
    )
    with server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)
    mortal_shop.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


def test_a_standby_is_examined_and_says_that_it_cannot_be_vacuumed(
    mortal_shop: Shop, standby: PostgresServer, run_on: Run
) -> None:
    mortal_shop.fill("posts")
    until(lambda: follows(standby, mortal_shop, "posts"), 20, "the standby to know the table")
    context = run_on(standby.url(mortal_shop.name, "postgres"))
    outcome = maintain(context)
    assert outcome.state == "warning"
    assert outcome.verdict.startswith("Nothing vacuumed: the database is on a standby")
    for key in ("statistics", "modified", "candidates"):
        assert context.steps[key].note == "not measured: the database is on a standby"
    for key in ("connections", "sequences", "replication", "server", "index_duplicate"):
        assert context.steps[key].state in ("passed", "warning"), context.steps[key]
    assert {"sequence_nearly_used_up", "connections_near_limit"} <= outcome.examined
    assert "locked" not in outcome.examined, "what was not tried cannot be resolved"
    assert context.reported["status"] == "completed_with_warnings"


def test_a_query_on_a_standby_is_named_by_its_slot(mortal_shop: Shop, standby: PostgresServer, run_on: Run) -> None:
    shop = mortal_shop
    shop.fill("posts", dead=0)
    until(lambda: follows(standby, shop), 20, "the standby to know the database")
    with snapshot(standby.url(shop.name, "postgres")):
        until(lambda: shop.one("SELECT xmin FROM pg_replication_slots"), 20, "the standby's feedback")
        shop.execute("DELETE FROM posts WHERE id <= 3000")
        context = run_on(shop.url())
        maintain(context)
        assert context.verdict("public.posts") == "nothing removable: held by replication slot follower (active)"
        assert "VACUUM does not truncate" in context.log_text()
        standby.stop()
    context = run_on(shop.url())
    maintain(context)
    assert context.verdict("public.posts") == "nothing removable: held by replication slot follower (inactive)"
    finding = context.found("xmin_holder")[0]
    assert finding.subject == "replication slot follower"
    shop.execute(finding.fix)
    last = run_on(shop.url())
    assert maintain(last).state == "succeeded", last.sightings


def follows(standby: PostgresServer, shop: Shop, table: str = "pg_class") -> bool:
    """Whether the standby has replayed the making of the database, and of a table in it."""
    with standby.connect() as session:
        if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [shop.name]).fetchone() is None:
            return False
    with standby.connect(shop.name) as session:
        return session.execute("SELECT 1 FROM pg_class WHERE relname = %s", [table]).fetchone() is not None
