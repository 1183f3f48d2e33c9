"""`index_maintenance` on a real server with pgstattuple: what is rebuilt, what is refused, and that nothing is left.

Every rebuild here has a name of 62 bytes, so that the server shortens it to make room for its suffix.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from maintenance.task import Cancelled, Outcome
from maintenance.tasks.index_maintenance import index_maintenance
from tests import services
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop, clear_shop, open_shop, session
from tests.waiting import until
from zbmaint.embedded.layout import CHECKOUT
from zbmaint.embedded.postgres import PostgresServer

Run = Callable[..., RecordingContext]
NAME = "ü" * 31
SMALL = {"reindex_min_megabytes": 1}
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE starts_with(query, 'REINDEX') AND wait_event_type = 'Lock'"
INDEX = """
SELECT i.indisvalid AND i.indisready, pg_relation_size(c.oid), c.oid::int8
FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = %s
"""


@pytest.fixture(scope="module")
def contrib_server() -> Iterator[PostgresServer]:
    server = services.with_contrib()
    with server:
        yield server
    shutil.rmtree(server.data_dir.parent, ignore_errors=True)


@pytest.fixture
def bloated(contrib_server: PostgresServer) -> Iterator[Shop]:
    """A database with an index of which nine tenths are empty."""
    shop = open_shop(contrib_server)
    clear_shop(shop)
    shop.execute(
        "CREATE EXTENSION pgstattuple",
        "CREATE TABLE items (id int, note text)",
        "INSERT INTO items SELECT g, g::text FROM generate_series(1, 150000) g",
        f'CREATE INDEX "{NAME}" ON items (id)',
        "DELETE FROM items WHERE id % 10 <> 0",
        "VACUUM ANALYZE items",
    )
    yield shop
    clear_shop(shop)


def state(shop: Shop, name: str = NAME) -> tuple[bool, int, int]:
    """Whether the index is valid, its size, its oid."""
    with shop.connect() as connection:
        row = connection.execute(INDEX, [name]).fetchone()
    assert row is not None, f"the index {name} is gone"
    valid, size, oid = row.values()
    return bool(valid), int(size), int(oid)


def leftovers(shop: Shop) -> list[str]:
    with shop.connect() as connection:
        rows = connection.execute("SELECT relname FROM pg_class WHERE relname ~ '_cc(new|old)[0-9]*$'").fetchall()
    return [row["relname"] for row in rows]


def maintain(context: RecordingContext) -> Outcome:
    return index_maintenance.run(context)


def test_a_bloated_index_is_rebuilt_and_proven(bloated: Shop, run_on: Run) -> None:
    _, before, old = state(bloated)
    context = run_on(bloated.url(), **SMALL)
    outcome = maintain(context)
    valid, after, new = state(bloated)
    assert outcome.state == "succeeded", outcome
    assert outcome.verdict.startswith("1 index rebuilt, ")
    assert valid
    assert new != old
    assert after < before / 5
    row = context.reported["indexes"]["reindexed"][0]
    assert (row["index"], row["bytes_before"], row["bytes_after"]) == (f'public."{NAME}"', before, after)
    assert leftovers(bloated) == []


def test_a_dry_run_says_what_it_would_rebuild_and_changes_nothing(bloated: Shop, run_on: Run) -> None:
    before = state(bloated)
    context = run_on(bloated.url(), dry_run=True, **SMALL)
    assert maintain(context).verdict == "Dry run: 1 statement would be carried out; nothing was changed."
    assert context.reported["plan"][0]["statement"] == f'REINDEX INDEX CONCURRENTLY "public"."{NAME}";'
    assert state(bloated) == before


@pytest.mark.parametrize("policy", [{"reindex_limit": 0}, {"reindex_min_megabytes": 64}, {"reindex_max_density": 1}])
def test_policy_keeps_it_from_being_rebuilt(bloated: Shop, run_on: Run, policy: dict[str, int]) -> None:
    before = state(bloated)
    maintain(run_on(bloated.url(), **SMALL | policy))
    assert state(bloated) == before


def test_beside_an_old_transaction_nothing_is_begun_and_it_is_named(bloated: Shop, run_on: Run) -> None:
    before = state(bloated)
    with session(bloated.url(), "old report") as old:
        old.execute("SELECT count(*) FROM items")
        age = "SELECT clock_timestamp() - xact_start > '1.1 s' FROM pg_stat_activity WHERE pid = %s"
        until(lambda: bool(bloated.one(age, old.info.backend_pid)), 10, "the transaction to be a second old")
        context = run_on(bloated.url(), reindex_max_transaction_seconds=1, **SMALL)
        outcome = maintain(context)
    assert outcome.state == "warning"
    assert state(bloated) == before
    assert "old report" in str(context.sightings)


def test_a_role_without_privilege_rebuilds_nothing_and_says_which_grant_it_lacks(bloated: Shop, run_on: Run) -> None:
    before = state(bloated)
    role = bloated.role("monitor", "GRANT pg_monitor TO {role}")
    context = run_on(bloated.url(role), **SMALL)
    outcome = maintain(context)
    assert outcome.state == "warning"
    assert state(bloated) == before
    assert "privilege" in str(context.sightings), context.sightings


class TestInterrupted:
    """Whatever ends a REINDEX: the old index works on, and nothing else is left."""

    def test_cancelled_by_a_person(self, bloated: Shop, run_on: Run) -> None:
        before = state(bloated)
        context = run_on(bloated.url(), **SMALL)
        with blocking(bloated, context.cancel), pytest.raises(Cancelled):
            maintain(context)
        assert state(bloated) == before
        assert leftovers(bloated) == []

    def test_killed_on_the_server(self, bloated: Shop, run_on: Run) -> None:
        before = state(bloated)
        context = run_on(bloated.url(), **SMALL)
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(query, 'REINDEX')"
        with blocking(bloated, lambda: bloated.execute(kill)):
            outcome = maintain(context)
        assert outcome.state in ("warning", "failed")
        step = next(step for key, step in context.steps.items() if key.startswith("reindex") and NAME in step.name)
        assert step.state == "failed"
        assert "terminat" in step.note
        assert state(bloated) == before
        assert leftovers(bloated) == []

    def test_no_room_for_its_sort(self, bloated: Shop, run_on: Run) -> None:
        """The server's own error in the middle of the build, as when a disk is full."""
        before = state(bloated)
        for setting in ("temp_file_limit = '64kB'", "maintenance_work_mem = '1MB'"):
            bloated.execute(f"ALTER DATABASE {bloated.name} SET {setting}")
        bloated.execute("INSERT INTO items SELECT g, g::text FROM generate_series(1, 15000) g WHERE g % 10 <> 0")
        before = state(bloated)
        context = run_on(bloated.url(), **SMALL)
        outcome = maintain(context)
        assert outcome.state in ("warning", "failed")
        step = next(step for key, step in context.steps.items() if key.startswith("reindex") and NAME in step.name)
        assert (step.state, "temp_file_limit" in step.note) == ("failed", True), step
        assert state(bloated) == before
        assert leftovers(bloated) == []

    def test_kill_9_leaves_what_the_next_run_removes(self, bloated: Shop, run_on: Run) -> None:
        bloated.execute("CREATE TABLE doubled (id int)", "INSERT INTO doubled VALUES (1), (1)")
        with pytest.raises(Exception, match="could not create unique index"):
            bloated.execute('CREATE UNIQUE INDEX CONCURRENTLY "somebody_ccnew" ON doubled (id)')
        before = state(bloated)
        with session(bloated.url(), "blocker") as blocker:
            blocker.execute("INSERT INTO items VALUES (0, '')")
            process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=CHECKOUT, env=environment(bloated))
            until(lambda: bloated.one(WAITS) == 1, 30, "the REINDEX to wait")
            process.kill()
            process.wait(10)
            until(lambda: bloated.one(WAITS) == 0, 10, "the server to end it")
            blocker.rollback()
        assert len(leftovers(bloated)) == 2, "one of ours, and one that somebody made by hand"
        assert state(bloated) == before
        context = run_on(bloated.url(), **SMALL)
        outcome = maintain(context)
        assert "1 leftover of rebuilds removed" in outcome.verdict
        assert leftovers(bloated) == ["somebody_ccnew"], "what is not proven to be ours stays"
        assert [sighting.subject for sighting in context.found("index_invalid")] == ["public.somebody_ccnew"]
        assert state(bloated)[1] < before[1] / 5


WORKER = """
import django
django.setup()
from maintenance.tasks.index_maintenance import index_maintenance
from tests.maintenance.recording import RecordingContext
index_maintenance.run(RecordingContext("env:SHOP_URL", parameters={"reindex_min_megabytes": 1}))
"""


def environment(shop: Shop) -> dict[str, str]:
    return os.environ | {"SHOP_URL": shop.url(), "DJANGO_SETTINGS_MODULE": "zbmaint.settings"}


@contextmanager
def blocking(shop: Shop, act: Callable[[], object]) -> Iterator[None]:
    """A transaction keeps a REINDEX waiting; once that waits, `act` is called, and then the transaction ends.

    As long as it lasts, what the REINDEX has left cannot be dropped either.
    """
    with session(shop.url(), "blocker") as blocker:
        blocker.execute("INSERT INTO items VALUES (0, '')")

        def wait_and_act() -> None:
            until(lambda: shop.one(WAITS) == 1, 30, "the REINDEX to wait")
            act()
            until(lambda: shop.one(WAITS) == 0, 30, "the REINDEX to be ended")
            blocker.rollback()

        thread = Thread(target=wait_and_act)
        thread.start()
        yield
        thread.join()
