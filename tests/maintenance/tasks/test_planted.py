"""Fourteen things that are wrong with one database, planted together, and each found with the right words.

On the system's PostgreSQL with its contrib extensions, and on those of the wheel, which have none.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest

from maintenance.task import Outcome
from tests import services
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop, clear_shop, maintain, open_shop, session, snapshot
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer

Run = Callable[..., RecordingContext]
ODD = 'Odd % "name"\n; DROP TABLE victim; --'
ODD_QUOTED = '"Odd % ""name""\n; DROP TABLE victim; --"'
LONG = "ü" * 31  # 62 bytes: an index of that name leaves no room for _ccnew
NOW = {
    "min_dead_tuples": 100,
    "idle_seconds": 1,
    "prepared_seconds": 1,
    "unused_after_days": 0,
    "reindex_min_megabytes": 1,
    "reindex_max_transaction_seconds": 1,
}


@pytest.fixture(params=[15, *services.VERSIONS], scope="module")
def planted_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server that knows prepared transactions; 15 stands for the system's, whatever its version is."""
    folder = temporary_directory()
    version = services.with_contrib().version if request.param == 15 else request.param
    server = PostgresServer(
        folder / "data",
        folder / "run",
        version=version,
        port=services.free_port(),
        durable=False,
        settings=services.SETTINGS | {"max_prepared_transactions": "5"},
    )
    with server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Planted:
    """A database in which everything is wrong, and who holds it so."""

    shop: Shop
    role: str
    open: ExitStack = field(default_factory=ExitStack)


@pytest.fixture
def planted(planted_server: PostgresServer) -> Iterator[Planted]:
    shop = open_shop(planted_server)
    clear_shop(shop)
    role = shop.role("keeper", "GRANT pg_monitor TO {role}", "ALTER SCHEMA public OWNER TO {role}")
    place = Planted(shop, role)
    with place.open:
        _tables(place)
        _indexes(place)
        _others(place)
        yield place
    shop.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    if shop.one("SELECT count(*) FROM pg_prepared_xacts"):
        shop.execute("ROLLBACK PREPARED 'forgotten'")
    clear_shop(shop)


def _tables(place: Planted) -> None:
    shop, role = place.shop, place.role
    for table in ("bloated", ODD_QUOTED, "locked", "held"):
        shop.fill(table, rows=2000, dead=500 if table != "held" else 0)
        shop.execute(f"ALTER TABLE {table} OWNER TO {role}")
    shop.fill("foreign_table", rows=2000, dead=500)  # stays the superuser's
    shop.execute(
        "CREATE TABLE inserts (id int)",
        f"ALTER TABLE inserts OWNER TO {role}",
        "INSERT INTO inserts SELECT generate_series(1, 6000)",
        "CREATE TABLE parent (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE parent_1 PARTITION OF parent FOR VALUES FROM (1) TO (10000)",
        f"ALTER TABLE parent OWNER TO {role}",
        f"ALTER TABLE parent_1 OWNER TO {role}",
        "INSERT INTO parent SELECT generate_series(1, 3000)",
    )


def _indexes(place: Planted) -> None:
    shop = place.shop
    shop.execute(
        "CREATE TABLE indexed (id int, note text)",
        "INSERT INTO indexed SELECT g, g::text FROM generate_series(1, 200000) g",
        f'CREATE INDEX "{LONG}" ON indexed (id)',
        "CREATE INDEX twin_one ON indexed (note)",
        "CREATE INDEX twin_two ON indexed (note)",
        "DELETE FROM indexed WHERE id % 10 <> 0",
        "VACUUM ANALYZE indexed",
        "CREATE TABLE doubled (id int)",
        "INSERT INTO doubled VALUES (1), (1)",
        f"ALTER TABLE indexed OWNER TO {place.role}",
        f"ALTER TABLE doubled OWNER TO {place.role}",
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        shop.execute("CREATE UNIQUE INDEX CONCURRENTLY unfinished ON doubled (id)")
    if _has_contrib(shop):
        shop.execute("CREATE EXTENSION pgstattuple")


def _others(place: Planted) -> None:
    shop = place.shop
    shop.execute(
        "CREATE TABLE numbered (id serial)",
        f"ALTER TABLE numbered OWNER TO {place.role}",
        "SELECT setval('numbered_id_seq', 2140000000)",
        "SELECT pg_create_physical_replication_slot('nobody', true)",
        "CREATE TABLE prepared_for (id int)",
    )
    with psycopg.connect(shop.url()) as connection:
        connection.execute("INSERT INTO prepared_for VALUES (1)")
        connection.execute("PREPARE TRANSACTION 'forgotten'")
    idler = place.open.enter_context(session(shop.url(), "idler"))
    idler.execute("SELECT 1")
    locker = place.open.enter_context(session(shop.url(), "locker"))
    locker.execute("LOCK TABLE locked IN SHARE MODE")
    place.open.enter_context(snapshot(shop.url(), "old report"))
    shop.execute("DELETE FROM held WHERE id <= 600")
    aged = (
        "SELECT min(clock_timestamp() - state_change) > '1.1 s' FROM pg_stat_activity WHERE application_name = 'idler'"
    )
    until(lambda: bool(shop.one(aged)), 10, "everything to be a second old")


def _has_contrib(shop: Shop) -> bool:
    return bool(shop.one("SELECT count(*) FROM pg_available_extensions WHERE name = 'pgstattuple'"))


def run(planted: Planted, run_on: Run) -> tuple[RecordingContext, Outcome]:
    context = run_on(planted.shop.url(planted.role), **NOW)
    return context, maintain(context)


def test_every_planted_situation_is_found_with_its_words(planted: Planted, run_on: Run) -> None:
    shop = planted.shop
    context, outcome = run(planted, run_on)
    verdicts = {row["table"]: f"{row['verdict']}: {row['reason']}" for row in context.reported["tables"]}
    seen = {(sighting.kind, sighting.subject): sighting for sighting in context.sightings}

    def words(kind: str, subject: str) -> str:
        found = [one for (is_kind, is_subject), one in seen.items() if is_kind == kind and subject in is_subject]
        assert len(found) == 1, (kind, subject, sorted(seen))
        return f"{found[0].severity}: {found[0].title}"

    assert outcome.state == "warning"
    # 1, 2: bloated and oddly named tables are vacuumed.
    assert verdicts["public.bloated"] == "vacuumed: "
    assert verdicts[f"public.{ODD_QUOTED}"] == "vacuumed: "
    # 3: a locked one is skipped, and its locker named.
    assert verdicts["public.locked"].startswith("skipped: locked by pid ")
    assert "(locker, postgres)" in verdicts["public.locked"]
    assert words("locked", "public.locked") == "medium: A lock kept public.locked from being vacuumed"
    # 4: without privilege nothing is pretended.
    assert verdicts["public.foreign_table"] == "skipped: no privilege"
    assert words("no_privilege", "public.foreign_table") == "medium: No privilege to vacuum public.foreign_table"
    # 5: dead rows that a snapshot holds.
    assert verdicts["public.held"].startswith("nothing removable: held by pid ")
    assert "(old report, postgres), idle in transaction for " in verdicts["public.held"]
    assert words("xmin_holder", "old report").startswith("high: An old snapshot holds back the vacuum of public.held")
    # 6: only inserts.
    assert verdicts["public.inserts"] == "vacuumed: "
    # 7: the parent is analysed, which nothing else does.
    assert shop.last_analyze("parent") is not None
    # 8: an index that was never finished.
    assert "unfinished" in words("index_invalid", "unfinished")
    # 9: of twins one is too many.
    assert "twin_" in words("index_duplicate", "twin_")
    # 10: nobody uses it.
    assert any(kind == "index_unused" for kind, _ in seen)
    # 11: a sequence at its end.
    assert words("sequence_nearly_used_up", "numbered_id_seq").startswith("critical: Sequence public.numbered_id_seq ")
    # 12: prepared and forgotten.
    assert words("prepared_transaction", "forgotten").startswith("high: Prepared transaction forgotten is ")
    # 13: a slot that nobody uses.
    assert words("replication_slot", "nobody").startswith("medium: Replication slot nobody is not in use and keeps ")
    # 14: idle in transaction.
    assert "idle in transaction for" in words("idle_in_transaction", "idler")
    # What is bloated is measured where that can be measured.
    if _has_contrib(shop):
        assert LONG in str(context.reported["indexes"]["bloated"]), context.reported["indexes"]
    else:
        assert "pgstattuple" in context.steps["index_bloat"].note
    assert "victim" not in [row["table"] for row in context.reported["tables"]]


def test_all_of_it_can_be_mended_and_is_gone_then(planted: Planted, run_on: Run) -> None:
    """The sentences that the findings give are exact: executed as they stand, nothing is found any more."""
    context, _ = run(planted, run_on)
    planted.open.close()
    planted.shop.execute("DELETE FROM doubled")
    # What holds old transactions open goes first: DROP INDEX CONCURRENTLY waits for them.
    for sighting in sorted(context.sightings, key=lambda sighting: sighting.kind != "prepared_transaction"):
        for line in sighting.fix.splitlines():
            if sighting.kind in MENDED and not line.startswith("--"):
                planted.shop.execute(line)
    planted.shop.execute(f"ALTER TABLE foreign_table OWNER TO {planted.role}")
    again, _ = run(planted, run_on)
    left = {(sighting.kind, sighting.subject) for sighting in again.sightings}
    assert not {kind for kind, _ in left} & MENDED, left


MENDED = {"index_invalid", "index_duplicate", "sequence_nearly_used_up", "prepared_transaction", "replication_slot"}
