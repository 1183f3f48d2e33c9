"""What stands in the way of a table: the verdict says what, the finding has the statement that mends it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from maintenance.task import TaskFailed
from maintenance.tasks.database.obstacles import KINDS
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import UNMEASURED, Shop, maintain, session, snapshot
from tests.waiting import until

Run = Callable[..., RecordingContext]


def test_a_table_dropped_in_the_middle_is_skipped(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    shop.fill("doomed", dead=3000)
    context = run_on(
        shop.url(),
        jobs=1,
        at_step={"candidates": lambda: None, "vacuum:public.doomed": lambda: shop.execute("DROP TABLE doomed")},
    )
    outcome = maintain(context)
    assert (outcome.state, outcome.verdict) == (
        "warning",
        f"1 table vacuumed, 2,000 dead rows removed; 1 skipped: dropped.{UNMEASURED}",
    )
    assert context.verdict("public.doomed") == "skipped: dropped"
    assert context.steps["vacuum:public.doomed"].state == "skipped"
    assert context.verdict("public.posts") == "vacuumed"


def test_a_table_dropped_before_its_turn_is_skipped(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", dead=3000)
    shop.fill("doomed", dead=1500)
    context = run_on(shop.url(), jobs=1, at_step={"vacuum:public.posts": lambda: shop.execute("DROP TABLE doomed")})
    maintain(context)
    assert context.verdict("public.doomed") == "skipped: dropped"


def test_another_table_under_the_dropped_name_is_not_taken_for_it(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    again = ("DROP TABLE posts", "CREATE TABLE posts (id int)")
    context = run_on(shop.url(), at_step={"vacuum:public.posts": lambda: shop.execute(*again)})
    maintain(context)
    assert context.verdict("public.posts") == "skipped: dropped"


def test_a_table_renamed_in_the_middle_is_vacuumed_under_its_new_name(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    rename = "ALTER TABLE posts RENAME TO articles"
    context = run_on(shop.url(), at_step={"vacuum:public.posts": lambda: shop.execute(rename)})
    assert maintain(context).state == "succeeded"
    assert shop.dead("articles") == 0


def test_a_table_without_privilege_is_skipped_and_the_grant_named(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    role = shop.role("nobody")
    context = run_on(shop.url(role))
    outcome = maintain(context)
    assert outcome.state == "warning"
    assert outcome.verdict.startswith(
        "0 tables vacuumed, 0 dead rows removed; 1 skipped: no privilege; 1 finding. Not "
    )
    assert context.verdict("public.posts") == "skipped: no privilege"
    assert shop.dead("posts") == 2000
    finding = context.found("no_privilege")[0]
    assert finding.subject == "public.posts"
    shop.execute(*finding.fix.splitlines())
    again = run_on(shop.url(role))
    assert maintain(again).state == "succeeded", "the fix is the exact statement"
    assert "no_privilege" in outcome.examined
    assert not again.found("no_privilege")


def test_a_schema_that_may_not_be_used_is_no_privilege_too(shop: Shop, run_on: Run) -> None:
    shop.execute("CREATE SCHEMA closed")
    shop.fill("closed.posts")
    grant = (
        "GRANT pg_maintain TO {role}" if shop.server.version >= 17 else "GRANT CONNECT ON DATABASE postgres TO {role}"
    )
    role = shop.role("outside", grant)
    context = run_on(shop.url(role))
    maintain(context)
    assert context.verdict("closed.posts") == "skipped: no privilege"
    finding = context.found("no_privilege")[0]
    assert f'GRANT USAGE ON SCHEMA "closed" TO "{role}";' in finding.fix.splitlines()
    shop.execute(*finding.fix.splitlines())
    assert maintain(run_on(shop.url(role))).state == "succeeded"


def test_a_locked_table_is_skipped_and_the_session_named(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    with session(shop.url(), "migration") as holder:
        holder.execute("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
        pid = holder.info.backend_pid
        context = run_on(shop.url())
        outcome = maintain(context)
        assert outcome.state == "warning"
        assert context.verdict("public.posts").startswith(f"skipped: locked by pid {pid} (migration, postgres)")
        assert f"1 skipped: locked by pid {pid} (migration, postgres)" in outcome.verdict
        finding = context.found("locked")[0]
        shop.execute(finding.fix)
        until(lambda: not shop.one("SELECT 1 FROM pg_stat_activity WHERE pid = %s", pid), 5, "the end of the session")
    assert maintain(run_on(shop.url())).state == "succeeded"


def test_a_lock_that_goes_away_in_time_costs_nothing(shop: Shop, run_on: Run) -> None:
    shop.fill("locked", dead=3000)
    shop.fill("posts", dead=2000)
    holder = psycopg.connect(shop.url())
    holder.execute("LOCK TABLE locked IN SHARE MODE")
    context = run_on(shop.url(), jobs=1, at_step={"vacuum:public.posts": holder.close})
    assert maintain(context).state == "succeeded"
    assert context.verdict("public.locked") == "vacuumed"


def test_the_statement_of_a_finding_ends_no_session_that_took_over_the_pid(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    with session(shop.url()) as holder:
        holder.execute("LOCK TABLE posts IN SHARE MODE")
        context = run_on(shop.url())
        maintain(context)
        fix = context.found("locked")[0].fix
        shop.execute(fix.replace(fix.split("'")[1], "1999-01-01"))
        assert holder.execute("SELECT 1").fetchone() == (1,)


def test_an_old_snapshot_is_named_as_what_holds_the_rows(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", dead=0)
    with snapshot(shop.url(), "nightly export") as holder:
        pid = holder.info.backend_pid
        shop.execute("DELETE FROM posts WHERE id <= 3000")
        context = run_on(shop.url())
        outcome = maintain(context)
        held = f"held by pid {pid} (nightly export, postgres), idle in transaction for "
        assert context.verdict("public.posts").startswith(f"nothing removable: {held}")
        assert f"1 nothing removable: {held}" in outcome.verdict
        assert outcome.state == "warning"
        assert context.steps["vacuum:public.posts"].state == "warning"
        row = context.row("public.posts")
        assert (row["dead_before"], row["dead_after"], row["removed"]) == (3000, 3000, 0)
        finding = context.found("xmin_holder")[0]
        assert finding.subject == "session of postgres, nightly export", "the same from run to run"
        shop.execute(finding.fix)
    again = run_on(shop.url())
    maintain(again)
    assert shop.dead("posts") == 0


def test_rows_that_died_before_the_snapshot_are_removed(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", dead=2000)
    # A transaction of any other database on the server that is older than the deaths would hold them back as well.
    xid = shop.one("SELECT pg_current_xact_id()::text")
    until(lambda: shop.one(f"SELECT pg_snapshot_xmin(pg_current_snapshot()) > '{xid}'::xid8"), 60, "older ones to end")
    with snapshot(shop.url()):
        shop.execute("DELETE FROM posts WHERE id <= 3000")
        context = run_on(shop.url())
        maintain(context)
    assert context.verdict("public.posts").startswith("partly removable: held by pid ")
    assert context.row("public.posts")["removed"] == 2000


def test_a_snapshot_in_another_database_holds_nothing(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    with snapshot(shop.server.url("postgres", "postgres")):
        shop.execute("DELETE FROM posts WHERE id <= 3000")
        context = run_on(shop.url())
        assert maintain(context).state == "succeeded"


def test_a_role_that_sees_no_sessions_says_so(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", dead=0)
    role = shop.role("owner", "ALTER TABLE posts OWNER TO {role}")
    with snapshot(shop.url()):
        shop.execute("DELETE FROM posts WHERE id <= 3000")
        context = run_on(shop.url(role))
        maintain(context)
    assert f"GRANT pg_monitor TO {role}" in context.verdict("public.posts")


def test_a_table_over_its_budget_is_stopped_and_the_others_go_on(shop: Shop, run_on: Run) -> None:
    shop.fill("huge", rows=20_000, dead=10_000)
    shop.fill("posts", rows=300, dead=200)
    shop.slow_vacuum(pages_a_second=60)
    context = run_on(shop.url(), jobs=1, table_seconds=2, min_dead_tuples=100)
    outcome = maintain(context)
    assert outcome.state == "warning"
    assert context.verdict("public.huge") == "timed out: after its budget of 2.0 s"
    assert context.verdict("public.posts") == "vacuumed"
    assert context.found("over_budget")[0].subject == "public.huge"


def test_what_the_runs_time_does_not_reach_is_skipped(shop: Shop, run_on: Run) -> None:
    shop.fill("huge", rows=20_000, dead=10_000)
    shop.fill("posts")
    shop.slow_vacuum(pages_a_second=60)
    context = run_on(shop.url(), jobs=1, seconds=4)
    outcome = maintain(context)
    assert context.verdict("public.huge") == "timed out: at the run's time limit"
    assert context.verdict("public.posts") == "skipped: out of time"
    assert context.steps["vacuum:public.posts"].note == "skipped: out of time"
    assert outcome.state == "warning"
    assert not outcome.examined & KINDS, "what was not looked at cannot be resolved"
    assert context.reported["status"] == "completed_with_warnings"

    following = run_on(shop.url(), jobs=1, seconds=12, previous_report=context.reported)
    maintain(following)
    assert [row["table"] for row in following.reported["tables"]] == ["public.posts", "public.huge"]
    assert following.verdict("public.posts") == "vacuumed", "it went first this time"


def test_a_table_without_autovacuum_that_needed_one_is_a_finding(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", more="WITH (autovacuum_enabled = off)")
    context = run_on(shop.url())
    outcome = maintain(context)
    assert (outcome.state, outcome.verdict) == (
        "warning",
        f"1 table vacuumed, 2,000 dead rows removed; 1 finding.{UNMEASURED}",
    )
    finding = context.found("autovacuum_off")[0]
    assert (finding.subject, finding.fix) == ("public.posts", "ALTER TABLE public.posts RESET (autovacuum_enabled);")


def test_another_maintenance_of_the_same_database_is_refused(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    refused: list[str] = []

    def second_run() -> None:
        with pytest.raises(TaskFailed) as caught:
            maintain(run_on(shop.url()))
        refused.append(str(caught.value))

    context = run_on(shop.url(), at_step={"vacuum:public.posts": second_run})
    assert maintain(context).state == "succeeded"
    assert refused[0].startswith("Another maintenance works on this database: zbmaint:run-7:vacuum 1 (pid ")
    assert maintain(run_on(shop.url())).state == "succeeded", "the lock went with its session"


# Transactions age the tables of every database on the server.
AGED = "WITH (autovacuum_freeze_max_age = 100000)"
BURN = "DO $$ BEGIN FOR i IN 1..100100 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


def test_a_table_near_its_freeze_limit_is_vacuumed_first_and_young_afterwards(shop: Shop, run_on: Run) -> None:
    shop.fill("old", rows=100, dead=0, more=AGED)
    shop.fill("posts")
    shop.execute(BURN)
    context = run_on(shop.url(), jobs=1)
    assert maintain(context).state == "succeeded"
    assert [row["table"] for row in context.reported["tables"]] == ["public.old", "public.posts"]
    assert shop.one("SELECT age(relfrozenxid) FROM pg_class WHERE relname = 'old'") < 1000


def test_a_table_that_cannot_be_frozen_is_a_finding(shop: Shop, run_on: Run) -> None:
    shop.fill("old", rows=100, dead=0, more=AGED)
    with snapshot(shop.url()):
        shop.execute(BURN)
        context = run_on(shop.url())
        outcome = maintain(context)
    assert outcome.state == "warning"
    assert context.verdict("public.old").startswith("not frozen: held by pid ")
    assert context.found("transaction_age")[0].subject == "public.old"
