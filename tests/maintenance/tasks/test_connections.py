"""The connection parts on real servers: who works long, idles in a transaction, blocks others; who keeps what idle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import psycopg

from maintenance.task import Outcome, Sighting
from maintenance.tasks.connection_monitor import connection_monitor
from maintenance.tasks.connection_optimization import connection_optimization
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import Shop, session
from tests.waiting import until

Run = Callable[..., RecordingContext]
ALL_AT_ONCE = {"long_query_seconds": 1, "idle_seconds": 1, "blocked_seconds": 1}


def monitor(context: RecordingContext) -> Outcome:
    return connection_monitor.run(context)


def only(found: list[Sighting], part: str) -> Sighting:
    """The one finding whose subject names `part`: other tests' sessions on the server are none of ours."""
    mine = [sighting for sighting in found if part in sighting.subject]
    assert len(mine) == 1, found
    return mine[0]


@contextmanager
def executing(shop: Shop, statement: str, name: str) -> Iterator[int]:
    """A session that executes a statement meanwhile; its pid."""
    connection = psycopg.connect(shop.url(), autocommit=True, application_name=name)

    def work() -> None:
        with suppress(psycopg.Error):
            connection.execute(statement)

    thread = Thread(target=work)
    thread.start()
    pid = connection.info.backend_pid
    try:
        until(
            lambda: shop.one("SELECT state FROM pg_stat_activity WHERE pid = %s", pid) == "active", 10, "the statement"
        )
        yield pid
    finally:
        shop.execute(f"SELECT pg_terminate_backend({pid})")
        thread.join()
        connection.close()


def aged(shop: Shop, pid: int, column: str = "query_start") -> None:
    """Wait until the session has been at it for more than a second."""
    query = f"SELECT extract(epoch FROM clock_timestamp() - {column}) > 1.1 FROM pg_stat_activity WHERE pid = %s"
    until(lambda: bool(shop.one(query, pid)), 10, "a second to pass")


def test_a_long_query_is_found_without_its_literals_and_its_fix_ends_it(shop: Shop, run_on: Run) -> None:
    name = f'odd %s "name" {shop.name}'
    with executing(shop, "SELECT pg_sleep(60), 'ada@example.org'", name) as pid:
        aged(shop, pid)
        context = run_on(shop.url(), **ALL_AT_ONCE)
        outcome = monitor(context)
        found = only(context.found("long_running_query"), shop.name)
        assert outcome.state == "warning"
        assert found.title.startswith(f"1 query of role postgres, {name} for ")
        assert "SELECT pg_sleep(?), ?" in found.detail
        assert "ada@" not in str(context.sightings) + str(context.reported) + context.log_text()
        assert [row["application"] for row in context.reported["long_running_queries"]] == [name]
        shop.execute(found.fix)
        gone = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
        until(lambda: shop.one(gone, pid) == 0, 10, "the query to be cancelled")


def test_idle_in_transaction_is_a_kind_of_its_own_and_its_fix_ends_it(shop: Shop, run_on: Run) -> None:
    with session(shop.url(), "idler") as idler:
        idler.execute("SELECT 1")
        pid = idler.info.backend_pid
        aged(shop, pid, "state_change")
        context = run_on(shop.url(), **ALL_AT_ONCE)
        monitor(context)
        found = only(context.found("idle_in_transaction"), "idler")
        assert not [sighting for sighting in context.found("long_running_query") if "idler" in sighting.subject]
        assert found.title.startswith("1 session of role postgres, idler idle in transaction for ")
        shop.execute(found.fix.splitlines()[0])
        until(lambda: shop.one("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid) == 0, 10, "it to be ended")


def test_two_sessions_of_one_application_are_one_finding(shop: Shop, run_on: Run) -> None:
    with session(shop.url(), "twins") as one, session(shop.url(), "twins") as two:
        one.execute("SELECT 1")
        two.execute("SELECT 2")
        aged(shop, two.info.backend_pid, "state_change")
        context = run_on(shop.url(), **ALL_AT_ONCE)
        monitor(context)
        found = only(context.found("idle_in_transaction"), "twins")
        assert found.title.startswith("2 sessions")
        assert found.fix.count("pg_terminate_backend") == 2


def test_the_head_of_a_queue_is_named_not_those_in_the_middle(shop: Shop, run_on: Run) -> None:
    shop.execute("CREATE TABLE items (id int)")
    with session(shop.url(), "culprit") as culprit:
        culprit.execute("LOCK TABLE items")
        with (
            executing(shop, "DO $$ BEGIN LOCK TABLE items IN SHARE MODE; END $$", "middle") as middle,
            executing(shop, "SELECT * FROM items", "last") as last,
        ):
            aged(shop, middle)
            aged(shop, last)
            context = run_on(shop.url(), **ALL_AT_ONCE)
            monitor(context)
            found = only(context.found("blocking_session"), "culprit")
            assert [sighting.subject for sighting in context.found("blocking_session")] == [found.subject]
            assert "wait for role postgres, culprit" in found.title or "waits for role postgres, culprit" in found.title
            shop.execute(found.fix)
            gone = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
            until(lambda: shop.one(gone, culprit.info.backend_pid) == 0, 10, "the culprit to be ended")


def test_connections_are_counted_against_what_is_usable_and_ours_left_out(shop: Shop, run_on: Run) -> None:
    context = run_on(shop.url())
    with session(shop.url(), "somebody"):
        outcome = monitor(context)
    usable = shop.one(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int "
        "- coalesce(current_setting('reserved_connections', true)::int, 0)"
    )
    assert context.reported["connections_usable"] == usable
    assert context.reported["active_connections"] == 0
    assert 0 < context.reported["connections_used"] < usable
    assert "connections_near_limit" in outcome.examined


def test_a_role_that_sees_no_other_sessions_says_so_and_what_would_help(shop: Shop, run_on: Run) -> None:
    role = shop.role("blind")
    context = run_on(shop.url(role))
    with session(shop.url(), "somebody"):
        outcome = monitor(context)
    assert outcome.state == "succeeded"
    assert f'what other sessions do: GRANT pg_monitor TO "{role}"; lets us see it' in context.steps["connections"].note
    assert not outcome.examined, "what was not looked at cannot be resolved"
    assert context.reported["connections_used"] > 0


def test_pg_monitor_alone_is_enough(shop: Shop, run_on: Run) -> None:
    role = shop.role("monitor", "GRANT pg_monitor TO {role}")
    with session(shop.url(), "idler") as idler:
        idler.execute("SELECT 1")
        aged(shop, idler.info.backend_pid, "state_change")
        context = run_on(shop.url(role), **ALL_AT_ONCE)
        monitor(context)
        only(context.found("idle_in_transaction"), "idler")


def test_the_pool_review_names_idle_connections_and_sessions_without_a_name(shop: Shop, run_on: Run) -> None:
    held = [psycopg.connect(shop.url(), application_name="hoarder", autocommit=True) for _ in range(3)]
    nameless = psycopg.connect(shop.url(), autocommit=True)
    try:
        for connection in held:
            connection.execute("SELECT 1")
        context = run_on(shop.url(), pool_idle=3, pool_idle_seconds=0)
        outcome = connection_optimization.run(context)
    finally:
        for connection in [*held, nameless]:
            connection.close()
    assert outcome.state == "warning"
    found = only(context.found("idle_connections"), "hoarder")
    assert found.title.startswith("3 connections of role postgres, hoarder idle")
    assert "about 2 connections" in found.fix
    assert context.found("unnamed_sessions")[0].subject == "role postgres"
    assert "idle_session_timeout" in context.reported["connection_settings"]
    shop.execute(found.fix)
    assert shop.one("SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = 0") == ["idle_session_timeout=1h"]
    shop.execute("ALTER ROLE postgres RESET idle_session_timeout")
