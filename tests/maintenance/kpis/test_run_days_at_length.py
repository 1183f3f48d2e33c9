"""What a day costs, and what the database notes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from maintenance.kpis import finding_days, run_days, run_reading, task_categories
from maintenance.models import Category, Occurrence, Run, RunDay, Schedule
from maintenance.rules.dispatch import HELD, Situation, decide
from tests.maintenance.kpis.run_history import make_schedules
from tests.maintenance.made import make_run
from zbmaint.rollup import days, rolling
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC)
TODAY = NOW.date()
INDEXES = ("run_by_end", "occurrence_by_time", "stretch_by_begin", "stretch_by_resolution", "stretch_by_time")


def test_a_day_is_read_by_indexes_alone(django_assert_num_queries: Any) -> None:
    make_run(finished_at=NOW)
    with connection.cursor() as cursor:
        # Of a table without statistics the planner knows nothing: what matters is that it can do without a scan.
        cursor.execute("SET LOCAL enable_seqscan = off")
    for roll in (run_days.roll, finding_days.roll):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            roll(TODAY, NOW)
        reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
        with connection.cursor() as cursor:
            for sql in reads[: 2 if roll is run_days.roll else 4]:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Seq Scan" not in plan, plan
                assert any(f"on {name}" in plan for name in INDEXES), plan
    with django_assert_num_queries(6):
        run_days.roll(TODAY, NOW)


def test_each_reading_is_one_query(django_assert_num_queries: Any) -> None:
    make_run(finished_at=NOW)
    run_days.roll(TODAY, NOW)
    with django_assert_num_queries(4):
        run_reading.total(TODAY, TODAY)
        run_reading.by_day(TODAY, TODAY)
        run_reading.by_task(TODAY, TODAY)
        run_reading.by_category(TODAY, TODAY)


def test_rolling_the_same_day_again_changes_nothing() -> None:
    make_run(finished_at=NOW)
    run_days.roll(TODAY, NOW)
    before = list(RunDay.objects.values())
    run_days.roll(TODAY, NOW)
    assert list(RunDay.objects.values()) == before
    assert len(before) == 3


def test_a_day_without_anything_has_the_row_of_all() -> None:
    run_days.roll(TODAY, NOW)
    assert list(RunDay.objects.values_list("day", "category", "task")) == [(TODAY, "", "")]


def test_a_due_time_is_noted_when_its_run_begins_and_a_run_when_its_due_time_changes() -> None:
    schedule = make_schedules()["log_rotation"]
    due_at, ended = NOW - 3 * days.A_DAY, NOW - 1 * days.A_DAY
    run = make_run("queued", task="log_rotation")
    due = Occurrence.objects.create(
        schedule=schedule, version=schedule.versions.get(), scheduled_task=schedule.tasks.get(), position=1,
        task="log_rotation", due_at=due_at, start_by=due_at, planned_at=due_at, state="started", decided_at=due_at,
        run=run,
    )  # fmt: skip
    Stale.objects.all().delete()
    Run.objects.filter(pk=run.pk).update(state="running", started_at=due_at)
    assert noted() == {due_at.date()}
    Run.objects.filter(pk=run.pk).update(state="succeeded", finished_at=ended)
    assert noted() == {due_at.date(), ended.date()}
    Occurrence.objects.filter(pk=due.pk).update(decided_at=due_at + dt.timedelta(minutes=1))
    assert noted() == {due_at.date(), ended.date()}
    Run.objects.filter(pk=run.pk).update(heartbeat_at=NOW, progress=3)
    assert noted() == set()


def noted() -> set[dt.date]:
    """The days that the database has noted since this was asked last."""
    found = {stale.at.date() for stale in Stale.objects.filter(kind="runs")}
    Stale.objects.all().delete()
    return found


def test_the_first_day_is_the_first_that_is_whole(settings: Any) -> None:
    assert run_days.first() is None
    now = timezone.now()
    make_run(finished_at=now - 50 * days.A_DAY)
    assert run_days.first() == days.day_of(now - 50 * days.A_DAY)
    settings.OCCURRENCE_RETENTION_DAYS = 30
    assert run_days.first() == days.day_of(now - 29 * days.A_DAY)


def test_a_task_that_is_retired_or_moved_keeps_its_past() -> None:
    schedule = make_schedules()["cache_review"]
    make_run(task="cache_review", finished_at=NOW - days.A_DAY)
    run_days.roll(TODAY - days.A_DAY, NOW)
    Schedule.objects.filter(pk=schedule.pk).update(
        category=Category.objects.get(key="adaptive"), retired_at=NOW + days.A_DAY
    )
    make_run(task="cache_review", finished_at=NOW)
    run_days.roll(TODAY, NOW)
    read = run_reading.by_category(TODAY - days.A_DAY, TODAY)
    assert {key: runs.succeeded for key, runs in read.items()} == {"preventive": 1, "adaptive": 1}
    assert run_reading.total(TODAY - days.A_DAY, TODAY, task="cache_review").succeeded == 2
    assert run_reading.total(TODAY - days.A_DAY, TODAY, task="cache_review", category="adaptive").succeeded == 1


def test_the_catalogue_says_the_category_of_what_it_carries_out() -> None:
    Schedule.objects.filter(tasks__task="index_maintenance").update(category=Category.objects.get(key="adaptive"))
    assert task_categories.by_task()["index_maintenance"] == "preventive"
    assert "of_no_schedule" not in task_categories.by_task()


def test_what_is_held_is_what_the_dispatcher_says_so() -> None:
    seen = {"now": NOW, "due_at": NOW, "start_by": NOW, "planned_at": NOW}
    frozen = decide(Situation(**seen, frozen_by="audit"))
    paused = decide(Situation(**seen, paused_by="a move"))
    busy = decide(Situation(**seen, still_running="run 3"))
    assert [each.verb for each in (frozen, paused, busy)] == ["skip"] * 3
    assert [each.reason.startswith(HELD) for each in (frozen, paused, busy)] == [True, True, False]


def test_both_kinds_are_registered() -> None:
    assert {"runs", "findings"} <= set(rolling.kinds())
