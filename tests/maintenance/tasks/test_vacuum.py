"""What database maintenance does on a database where nothing stands in its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from maintenance.tasks.database_maintenance import database_maintenance
from tests.maintenance.recording import RecordingContext
from tests.maintenance.shops import UNMEASURED, Shop, maintain
from tests.waiting import until

Run = Callable[..., RecordingContext]
REPORT_KEYS = {
    "maintenance_date",
    "database",
    "server_version",
    "database_size_bytes",
    "database_size",
    "table_count",
    "active_connections",
    "connections",
    "maintenance_duration_seconds",
    "maintenance_duration",
    "status",
    "tables",
    "most_modified",
}


def test_it_removes_the_dead_rows_and_proves_it(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", rows=6000, dead=2000)
    before = shop.last_vacuum("posts")
    context = run_on(shop.url())
    outcome = maintain(context)
    assert (outcome.state, outcome.verdict) == ("succeeded", f"1 table vacuumed, 2,000 dead rows removed.{UNMEASURED}")
    assert shop.dead("posts") == 0
    assert shop.last_vacuum("posts") > before
    assert shop.last_analyze("posts") > before
    row = context.row("public.posts")
    assert (row["dead_before"], row["dead_after"], row["removed"], row["verdict"]) == (2000, 0, 2000, "vacuumed")
    assert row["bytes_before"] > 500_000
    assert row["bytes_after"] > 500_000
    assert row["seconds"] > 0


def test_every_step_is_shown_in_order_and_ends(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    context = run_on(shop.url())
    maintain(context)
    assert [(step.name, step.state) for step in context.steps.values()] == [
        ("Look at the database", "passed"),
        ("Connections and long queries", "passed"),
        ("Sequences", "passed"),
        ("Replication slots and standbys", "passed"),
        ("Server state", "passed"),
        ("Refresh statistics", "passed"),
        ("Most modified tables", "passed"),
        ("Find tables to vacuum", "passed"),
        ("Vacuum public.posts", "passed"),
        ("Analyse partitioned parents", "skipped"),
        ("Remove leftovers of rebuilds", "passed"),
        ("Index cache hit ratios", "passed"),
        ("Invalid indexes", "passed"),
        ("Duplicate indexes", "passed"),
        ("Unused indexes", "skipped"),
        ("Index bloat", "skipped"),
        ("Rebuild bloated indexes", "skipped"),
        ("Verify", "passed"),
        ("Write report", "passed"),
    ]
    assert context.steps["vacuum:public.posts"].note == "2,000 dead rows removed"
    assert context.percentages == sorted(context.percentages)
    assert context.percentages[-1] == 100


def test_the_report_has_the_keys_that_others_rely_on(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    shop.execute("CREATE VIEW recent AS SELECT * FROM posts")
    context = run_on(shop.url())
    with shop.connect():
        maintain(context)
    report = context.reported
    assert report.keys() >= REPORT_KEYS
    assert dt.datetime.fromisoformat(report["maintenance_date"]).utcoffset() == dt.timedelta(0)
    assert report["database"] == shop.name
    assert report["server_version"].startswith(f"{shop.server.version}.")
    assert report["database_size_bytes"] > 7_000_000
    assert report["table_count"] == 1, "the view is no table"
    assert report["connections"] == {"idle": 1}, "our own sessions are not counted"
    assert report["active_connections"] == 0
    assert report["status"] == "completed"
    assert report["maintenance_duration"].startswith("00:00:")
    assert report["most_modified"][0]["table"] == "public.posts"
    assert report["most_modified"][0]["deleted"] == 2000
    assert context.facts["dead_rows_removed"]["value"] == 2000
    assert context.facts["tables"] == {"label": "Tables", "value": 1, "unit": "", "note": "1 needed a vacuum"}


def test_a_table_with_an_odd_name_is_vacuumed_like_any_other(shop: Shop, run_on: Run) -> None:
    shop.execute('CREATE SCHEMA "Odd Schema"', "CREATE TABLE victim (id int)")
    odd = '"Odd Schema"."Weird; DROP TABLE victim; --"'
    shop.fill(odd)
    shop.fill('"Odd Schema"."Weird; Table"')
    shop.fill('"100%s ""quoted"" {braces}"')
    context = run_on(shop.url())
    assert maintain(context).state == "succeeded"
    assert shop.dead(odd) == shop.dead('"Odd Schema"."Weird; Table"') == 0
    assert shop.dead('"100%s ""quoted"" {braces}"') == 0
    assert context.verdict('"Odd Schema"."Weird; Table"') == "vacuumed"
    assert shop.one("SELECT to_regclass('victim')") == "victim"


def test_over_1000_dead_rows_or_over_autovacuums_own_limit_is_a_candidate(shop: Shop, run_on: Run) -> None:
    shop.fill("over_1000", rows=20_000, dead=1001)
    shop.fill("below_both", rows=20_000, dead=1000)
    shop.fill("over_its_own", rows=5000, dead=700, more="WITH (autovacuum_vacuum_scale_factor = 0.1)")
    context = run_on(shop.url())
    maintain(context)
    assert [row["table"] for row in context.reported["tables"]] == ["public.over_1000", "public.over_its_own"]
    assert shop.dead("below_both") == 1000


def test_the_limit_of_dead_rows_is_a_parameter(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", rows=20_000, dead=500)
    context = run_on(shop.url(), min_dead_tuples=400)
    maintain(context)
    assert context.verdict("public.posts") == "vacuumed"


def test_the_largest_need_comes_first(shop: Shop, run_on: Run) -> None:
    for name, dead in (("small", 1500), ("large", 4000), ("middle", 2500)):
        shop.fill(name, dead=dead)
    context = run_on(shop.url(), jobs=1)
    maintain(context)
    finished = [text.split(":")[0] for _, text in context.lines if ": vacuumed" in text]
    assert finished == ["public.large", "public.middle", "public.small"]


def test_two_tables_are_vacuumed_at_a_time(shop: Shop, run_on: Run) -> None:
    shop.fill("long", rows=20_000, dead=3000)
    shop.fill("short", rows=1500, dead=1200)
    shop.slow_vacuum(pages_a_second=50)

    def while_the_long_one_works() -> None:
        first = until(shop.vacuums, 5, "the VACUUM of the long table")
        assert '"public"."long"' in first[0]["query"]
        shop.cancel(first[0]["pid"])

    context = run_on(shop.url(), jobs=2, at_step={"vacuum:public.short": while_the_long_one_works})
    maintain(context)
    assert context.verdict("public.short") == "vacuumed"
    assert context.verdict("public.long") == "failed: somebody cancelled it on the server"


def test_progress_is_the_engines_own(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", rows=12_000, dead=6000)
    shop.slow_vacuum(pages_a_second=150)
    context = run_on(shop.url())
    maintain(context)
    pages = shop.one("SELECT relpages FROM pg_class WHERE relname = 'posts'")
    progressed = [step for step in context.steps["vacuum:public.posts"].progressed if step[2] == "pages"]
    assert progressed
    assert {total for _, total, _ in progressed} == {pages}
    assert sorted(done for done, _, _ in progressed) == [done for done, _, _ in progressed]
    assert any(15 < percent < 95 for percent in context.percentages)


def test_what_has_changed_but_needs_no_vacuum_is_analysed(shop: Shop, run_on: Run) -> None:
    shop.fill("changed", rows=2000, dead=0)
    shop.fill("same", rows=2000, dead=0)
    shop.execute("UPDATE changed SET note = 'x' WHERE id <= 300")
    before = shop.last_analyze("same")
    context = run_on(shop.url())
    outcome = maintain(context)
    assert outcome.verdict == f"No table needed a vacuum, 1 table analysed.{UNMEASURED}"
    assert [row["table"] for row in context.reported["analyzed"]] == ["public.changed"]
    assert shop.last_analyze("changed") > before
    assert shop.last_analyze("same") == before


def test_a_table_that_is_vacuumed_is_not_analysed_twice(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    context = run_on(shop.url())
    maintain(context)
    assert "analyzed" not in context.reported
    assert shop.one("SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'posts'") == 2, "fill, then ours"


def test_dead_rows_that_nobody_counted_are_found(shop: Shop, run_on: Run) -> None:
    shop.fill("posts", rows=6000, dead=3000)
    shop.execute("SELECT pg_stat_reset()")
    assert shop.dead("posts") == 0
    context = run_on(shop.url())
    outcome = maintain(context)
    assert outcome.verdict == f"1 table vacuumed, 3,000 dead rows removed, 1 more analysed.{UNMEASURED}"


def test_a_partitioned_parent_is_analysed_and_its_partitions_once(shop: Shop, run_on: Run) -> None:
    shop.execute(
        "CREATE TABLE events (id int, note text) PARTITION BY RANGE (id)",
        "CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (3000)",
        "CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (3000) TO (9000)",
        "INSERT INTO events SELECT g, 'x' FROM generate_series(0, 5999) g",
        "VACUUM events_low, events_high",
        "DELETE FROM events WHERE id < 2000",
    )
    context = run_on(shop.url())
    outcome = maintain(context)
    assert context.steps["parents"].note == "1 table analysed"
    assert shop.last_analyze("events") is not None
    assert shop.one("SELECT count(*) FROM pg_stats WHERE tablename = 'events' AND inherited") == 2
    for name in ("events_low", "events_high"):
        assert shop.one("SELECT analyze_count FROM pg_stat_user_tables WHERE relname = %s", name) == 1
    assert outcome.state == "succeeded"
    again = run_on(shop.url())
    maintain(again)
    assert again.steps["parents"].note == "none has changed"


def test_a_materialised_view_is_vacuumed_too(shop: Shop, run_on: Run) -> None:
    shop.execute(
        "CREATE MATERIALIZED VIEW totals AS SELECT g AS id FROM generate_series(1, 5000) g",
        "CREATE UNIQUE INDEX ON totals (id)",
    )
    context = run_on(shop.url())
    maintain(context)
    assert context.verdict("public.totals") == "vacuumed"


def test_a_database_without_tables_is_fine(shop: Shop, run_on: Run) -> None:
    context = run_on(shop.url())
    outcome = maintain(context)
    assert (outcome.state, outcome.verdict) == ("succeeded", f"No table needed a vacuum.{UNMEASURED}")
    assert context.reported["tables"] == []


def test_no_superuser_is_needed(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    owner = shop.role("owner", "ALTER TABLE posts OWNER TO {role}")
    if shop.server.version >= 17:
        role = shop.role("exec", "GRANT pg_monitor, pg_maintain TO {role}")
    else:
        role = shop.role("exec", "GRANT pg_monitor TO {role}", f"GRANT {owner} TO {{role}}")
    context = run_on(shop.url(role))
    outcome = maintain(context)
    assert (outcome.state, outcome.verdict) == ("succeeded", f"1 table vacuumed, 2,000 dead rows removed.{UNMEASURED}")
    assert not [text for level, text in context.lines if level != "info"]


def test_it_says_what_it_may_not_see(shop: Shop, run_on: Run) -> None:
    role = shop.role("blind")
    context = run_on(shop.url(role))
    maintain(context)
    assert f"GRANT pg_monitor TO {role}" in context.log_text()


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(shop: Shop, run_on: Run) -> None:
    shop.fill("posts")
    shop.fill("changed", rows=2000, dead=0)
    shop.execute("UPDATE changed SET note = 'x' WHERE id <= 300")
    vacuumed, analyzed = shop.last_vacuum("posts"), shop.last_analyze("changed")
    context = run_on(shop.url(), dry_run=True)
    outcome = maintain(context)
    assert outcome.verdict == "Dry run: 1 table would be vacuumed and 1 analysed; nothing was changed."
    assert (shop.last_vacuum("posts"), shop.last_analyze("changed")) == (vacuumed, analyzed)
    assert shop.dead("posts") == 2000
    statements = [row["statement"] for row in context.reported["plan"]]
    more = ", BUFFER_USAGE_LIMIT '2MB'" if shop.server.version == 16 else ""
    assert statements == [
        'ANALYZE (SKIP_LOCKED) "public"."changed"',
        f'VACUUM (VERBOSE, SKIP_LOCKED, PARALLEL 0, ANALYZE, SKIP_DATABASE_STATS{more}) "public"."posts"',
    ]
    assert statements[1] in context.log_text()
    assert not context.sightings


@pytest.mark.parametrize("parameter", ["min_dead_tuples", "jobs", "table_seconds", "analyze_seconds"])
def test_every_parameter_has_a_default_within_its_bounds(parameter: str) -> None:
    found = next(item for item in database_maintenance.parameters if item.key == parameter)
    assert found.minimum <= found.default <= found.maximum
