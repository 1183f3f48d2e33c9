"""What is wrong with a server beside its tables: sequences, replication, settings, what was prepared and forgotten."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from maintenance.task import Outcome
from maintenance.tasks.database import replication, sequences, server_state
from maintenance.tasks.database.examining import task_of
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop
from tests.waiting import until

Run = Callable[..., RecordingContext]
ODD = '"Odd % ""Schema"""'
PARTS = (*sequences.PARTS, *replication.PARTS, *server_state.PARTS)


def examine(context: RecordingContext) -> Outcome:
    return task_of(PARTS)(context)


def test_a_healthy_server_has_no_findings(shop: Shop, run_on: Run) -> None:
    shop.execute("CREATE TABLE items (id bigserial PRIMARY KEY)")
    context = run_on(shop.url())
    outcome = examine(context)
    assert (outcome.state, outcome.verdict) == ("succeeded", "Nothing found.")
    assert context.steps["sequences"].note == "1 sequence"
    assert {"sequence_nearly_used_up", "replication_slot", "checksum_failures"} <= outcome.examined


class TestSequences:
    @pytest.mark.parametrize("kind", ["serial", "int GENERATED ALWAYS AS IDENTITY"])
    def test_one_that_runs_out_is_found_and_its_fix_makes_room(self, shop: Shop, run_on: Run, kind: str) -> None:
        shop.execute(
            f"CREATE SCHEMA {ODD}",
            f'CREATE TABLE {ODD}."Items ü" (id {kind})',
            f"SELECT setval(pg_get_serial_sequence('{ODD}.\"Items ü\"', 'id'), 2040109465)",
        )
        context = run_on(shop.url())
        examine(context)
        found = context.found("sequence_nearly_used_up")[0]
        assert (found.severity, found.subject) == ("critical", f'{ODD}."Items ü_id_seq"')
        assert found.title.endswith("has used 95 % of its numbers")
        assert "2,040,109,465 of 2,147,483,647" in found.detail
        shop.execute(*[line for line in found.fix.splitlines() if not line.startswith("--")])
        again = run_on(shop.url())
        examine(again)
        assert not again.found("sequence_nearly_used_up")

    def test_a_bigint_sequence_on_an_int_column_ends_with_the_column(self, shop: Shop, run_on: Run) -> None:
        shop.execute(
            "CREATE SEQUENCE numbers",
            "CREATE TABLE items (id smallint DEFAULT nextval('numbers'))",
            "ALTER SEQUENCE numbers OWNED BY items.id",
            "SELECT setval('numbers', 27000)",
        )
        context = run_on(shop.url())
        examine(context)
        found = context.found("sequence_nearly_used_up")[0]
        assert found.severity == "high"
        assert "27,000 of 32,767" in found.detail
        assert "ALTER TABLE public.items ALTER COLUMN id TYPE bigint;" in found.fix
        assert "ALTER SEQUENCE" not in found.fix

    def test_cycling_descending_and_fresh_ones_are_no_findings(self, shop: Shop, run_on: Run) -> None:
        shop.execute(
            "CREATE SEQUENCE cycling MAXVALUE 10 CYCLE",
            "SELECT setval('cycling', 10)",
            "CREATE SEQUENCE descending INCREMENT -1 MINVALUE -10",
            "SELECT setval('descending', -10)",
            "CREATE SEQUENCE fresh MAXVALUE 10",
            "CREATE SEQUENCE half MAXVALUE 10",
            "SELECT setval('half', 6)",
        )
        context = run_on(shop.url())
        assert examine(context).state == "succeeded"
        assert context.steps["sequences"].note == "2 sequences", "cycling and descending ones are none of them"

    def test_what_the_role_may_not_read_is_not_measured(self, shop: Shop, run_on: Run) -> None:
        shop.execute("CREATE SEQUENCE hidden MAXVALUE 10", "SELECT setval('hidden', 10)")
        context = run_on(shop.url(shop.role("stranger")))
        outcome = examine(context)
        assert not context.found("sequence_nearly_used_up")
        assert "not measured: 1 sequence: role stranger" in context.steps["sequences"].note
        assert "sequence_nearly_used_up" not in outcome.examined


class TestReplication:
    def test_a_slot_that_nobody_uses_is_found_and_its_fix_drops_it(self, shop: Shop, run_on: Run) -> None:
        name = f"left_{shop.server.version}"
        shop.execute(f"SELECT pg_create_physical_replication_slot('{name}', true)")
        context = run_on(shop.url())
        examine(context)
        found = next(sighting for sighting in context.found("replication_slot") if name in sighting.subject)
        assert found.severity == "medium"
        assert found.title.startswith(f"Replication slot {name} is not in use and keeps ")
        shop.execute(found.fix.splitlines()[-1])
        assert shop.one("SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s", name) == 0


class TestServerState:
    def test_a_forgotten_prepared_transaction_is_found_and_its_fix_ends_it(
        self, mortal_shop: Shop, run_on: Run
    ) -> None:
        gid = 'it\'s % "odd"'
        mortal_shop.execute("CREATE TABLE items (id int)")
        with psycopg.connect(mortal_shop.url()) as connection:
            connection.execute("INSERT INTO items VALUES (1)")
            connection.execute(psycopg.sql.SQL("PREPARE TRANSACTION {}").format(gid))
        old = "SELECT clock_timestamp() - prepared > '1.1 s' FROM pg_prepared_xacts WHERE gid = %s"
        until(lambda: bool(mortal_shop.one(old, gid)), 10, "it to be a second old")
        context = run_on(mortal_shop.url(), prepared_seconds=1)
        examine(context)
        found = context.found("prepared_transaction")[0]
        assert (found.severity, found.subject) == ("high", f"prepared transaction {gid}")
        mortal_shop.execute(found.fix.splitlines()[-1])
        assert mortal_shop.one("SELECT count(*) FROM pg_prepared_xacts") == 0

    def test_a_setting_that_waits_for_a_restart_is_found_and_can_be_taken_back(
        self, mortal_shop: Shop, run_on: Run
    ) -> None:
        mortal_shop.execute("ALTER SYSTEM SET max_locks_per_transaction = 99", "SELECT pg_reload_conf()")
        pending = "SELECT count(*) FROM pg_settings WHERE pending_restart"
        until(lambda: mortal_shop.one(pending) == 1, 10, "the server to read its configuration")
        context = run_on(mortal_shop.url())
        examine(context)
        found = context.found("restart_pending")[0]
        assert found.title == "1 setting waits for a restart: max_locks_per_transaction"
        mortal_shop.execute(*found.fix.splitlines()[1:])
        until(lambda: mortal_shop.one(pending) == 0, 10, "the server to read its configuration")
        mortal_shop.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")

    def test_a_constraint_that_was_never_checked_is_found_and_its_fix_checks_it(self, shop: Shop, run_on: Run) -> None:
        shop.execute(
            'CREATE TABLE "Items" (id int)', 'ALTER TABLE "Items" ADD CONSTRAINT "Odd %" CHECK (id > 0) NOT VALID'
        )
        context = run_on(shop.url())
        examine(context)
        found = context.found("constraint_not_valid")[0]
        assert found.subject == 'public."Items", "Odd %"'
        shop.execute(found.fix)
        again = run_on(shop.url())
        examine(again)
        assert not again.found("constraint_not_valid")

    def test_archiving_that_fails_is_found(self, mortal_shop: Shop, run_on: Run) -> None:
        server = mortal_shop.server
        mortal_shop.execute("ALTER SYSTEM SET archive_mode = on", "ALTER SYSTEM SET archive_command = 'false'")
        server.stop()
        server.start()
        server.wait_ready()
        try:
            mortal_shop.execute("CREATE TABLE items (id int)", "SELECT pg_switch_wal()")
            until(lambda: mortal_shop.one("SELECT failed_count FROM pg_stat_archiver") > 0, 20, "an attempt to archive")
            context = run_on(mortal_shop.url())
            examine(context)
            assert context.found("archiving_fails")[0].severity == "high"
        finally:
            mortal_shop.execute("ALTER SYSTEM RESET ALL")
            server.stop()
            server.start()
            server.wait_ready()


@pytest.mark.parametrize("grants", [(), ("GRANT pg_monitor TO {role}",)])
def test_no_role_is_too_poor_to_look(shop: Shop, run_on: Run, grants: tuple[str, ...]) -> None:
    context = run_on(shop.url(shop.role("poor", *grants)))
    assert examine(context).state == "succeeded"
    assert [step.state for step in context.steps.values()] == ["passed"] * 4
