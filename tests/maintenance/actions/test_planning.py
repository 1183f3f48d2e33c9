from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from maintenance.actions import planning, schedules
from maintenance.models import Category, Occurrence, Schedule, ScheduledTask
from tests.maintenance.calendar import draft, instant
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
MONDAY = "2026-04-06 00:00"


@pytest.fixture(autouse=True)
def _empty_calendar(db: None) -> None:
    """Only the schedules that a test makes."""
    Schedule.objects.update(retired_at=timezone.now())


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(instant(MONDAY), tick=False) as traveller:
        yield traveller


def times(schedule: Schedule) -> list[str]:
    rows = schedule.occurrences.order_by("due_at", "position")
    return [f"{row.due_at:%d %H:%M} {row.task}" for row in rows]


def plan(at: str) -> None:
    planning.plan_due(instant(at))


def test_every_due_time_of_every_task_gets_its_row_once(clock: time_machine.Traveller) -> None:
    schedule = schedules.save(draft("0 2 * * *", "cache_review", "log_analysis"), actor=None)
    plan("2026-04-06 01:59")
    assert times(schedule) == []
    for _ in range(3):
        plan("2026-04-07 02:00")
    assert times(schedule) == [
        "06 02:00 cache_review",
        "06 02:00 log_analysis",
        "07 02:00 cache_review",
        "07 02:00 log_analysis",
    ]


def test_a_clock_that_jumps_back_makes_no_time_twice_and_loses_none(clock: time_machine.Traveller) -> None:
    schedule = schedules.save(draft("0 * * * *", "cache_review"), actor=None)
    for at in ("03:00", "03:30", "02:30", "03:00", "03:30", "04:00", "05:10"):
        plan(f"2026-04-06 {at}")
        planning.repair(instant(f"2026-04-06 {at}"))
    assert times(schedule) == [f"06 {hour:02}:00 cache_review" for hour in range(1, 6)]


def test_a_clock_that_ran_ahead_for_a_while_does_not_silence_a_schedule(clock: time_machine.Traveller) -> None:
    schedule = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=instant("2027-04-06 02:00"))
    planning.repair(instant("2026-04-06 01:00"))
    plan("2026-04-06 02:00")
    assert times(schedule) == ["06 02:00 cache_review"]


def test_a_time_zone_with_a_clock_change_is_due_once_a_day(clock: time_machine.Traveller) -> None:
    with time_machine.travel(instant("2026-10-24 12:00"), tick=False):
        schedule = schedules.save(draft("30 2 * * *", "cache_review", zone="Europe/Berlin"), actor=None)
    for quarter in range(60 * 4):
        planning.plan_due(instant("2026-10-24 12:00") + dt.timedelta(minutes=15 * quarter))
    assert times(schedule) == ["25 00:30 cache_review", "26 01:30 cache_review"]


def test_days_without_a_planner_lose_no_row(clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "TIMES_A_PASS", 50)
    schedule = schedules.save(draft("*/30 * * * *", "cache_review"), actor=None)
    for _ in range(4):
        plan("2026-04-09 00:00")
    assert schedule.occurrences.count() == 3 * 48
    assert {row.planned_at for row in Occurrence.objects.all()} == {instant("2026-04-09 00:00")}


class TestAPoisonedRow:
    def test_it_gets_an_error_and_every_other_schedule_runs_on(self, clock: time_machine.Traveller) -> None:
        poisoned = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
        good = schedules.save(draft("0 2 * * *", "log_analysis"), actor=None)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE maintenance_schedule SET cron = 'not python(' WHERE id = %s", [poisoned.pk])
        plan("2026-04-06 02:00")
        poisoned.refresh_from_db()
        assert "not python(" in poisoned.error
        assert (times(poisoned), times(good)) == ([], ["06 02:00 log_analysis"])
        assert AuditEntry.objects.filter(verb="schedule_error", target_id=str(poisoned.pk)).count() == 1

    def test_a_row_put_in_whole_by_sql_is_found_without_a_due_time(self, clock: time_machine.Traveller) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO maintenance_schedule (key, name, category_id, "when", cron, time_zone, overlap, version,
                   error, pause_reason, rank, created_at) VALUES ('bad', 'Bad', %s, 'x', '0 2 * * *', 'Mars/Olympus',
                   'skip', 1, '', '', 0, now())""",
                [Category.objects.first().pk],  # type: ignore[union-attr]  # the defaults install four
            )
        plan("2026-04-06 02:00")
        assert "Mars/Olympus" in Schedule.objects.get(key="bad").error

    def test_mending_it_by_sql_is_noticed(self, clock: time_machine.Traveller) -> None:
        schedule = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
        Schedule.objects.filter(pk=schedule.pk).update(cron="rubbish")
        plan("2026-04-06 02:00")
        Schedule.objects.filter(pk=schedule.pk).update(cron="0 2 * * *")
        planning.repair(instant("2026-04-06 02:10"))
        schedule.refresh_from_db()
        assert (schedule.error, times(schedule)) == ("", ["06 02:00 cache_review"])


class TestAnEdit:
    def test_what_is_due_keeps_its_version_and_new_times_follow_the_new_one(
        self, clock: time_machine.Traveller
    ) -> None:
        schedule = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
        clock.move_to(instant("2026-04-07 02:30"))
        row = schedule.tasks.get()
        schedules.save(draft("0 4 * * *", "cache_review", key=schedule.key, rows=[row]), actor=None, schedule=schedule)
        plan("2026-04-08 05:00")
        rows = schedule.occurrences.order_by("due_at").select_related("version")
        assert [(f"{row.due_at:%d %H}", row.version.number) for row in rows] == [
            ("06 02", 1),
            ("07 02", 1),
            ("07 04", 2),
            ("08 04", 2),
        ]

    def test_a_removed_task_is_due_no_more_and_keeps_its_history(self, clock: time_machine.Traveller) -> None:
        schedule = schedules.save(draft("0 2 * * *", "cache_review", "log_analysis"), actor=None)
        plan("2026-04-06 02:00")
        keep = schedule.tasks.get(task="log_analysis")
        clock.move_to(instant("2026-04-06 03:00"))
        schedules.save(draft("0 2 * * *", "log_analysis", key=schedule.key, rows=[keep]), actor=None, schedule=schedule)
        plan("2026-04-07 02:00")
        assert times(schedule) == ["06 02:00 cache_review", "06 02:00 log_analysis", "07 02:00 log_analysis"]

    def test_saving_without_a_change_makes_no_version(self, clock: time_machine.Traveller) -> None:
        schedule = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
        rows = list(ScheduledTask.objects.filter(schedule=schedule))
        again = draft("0 2 * * *", "cache_review", key=schedule.key, rows=rows)
        assert schedules.save(again, actor=None, schedule=schedule).version == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("installed")
def test_planners_side_by_side_make_no_row_twice() -> None:
    Schedule.objects.update(retired_at=timezone.now())
    with time_machine.travel(instant(MONDAY), tick=False):
        made = [schedules.save(draft("*/5 * * * *", "cache_review"), actor=None) for _ in range(5)]
    barrier, until = Barrier(4), instant("2026-04-06 08:20")

    def work() -> None:
        barrier.wait()
        planning.plan_due(until)
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    planning.plan_due(until)
    assert [schedule.occurrences.count() for schedule in made] == [100] * 5
