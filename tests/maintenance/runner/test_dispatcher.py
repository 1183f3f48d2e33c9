from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from maintenance.actions import freezes, occurrences, planning, runs, schedules
from maintenance.models import Category, Occurrence, Origin, Run, Schedule, Target
from maintenance.rules.calendar import SCHEDULES
from maintenance.runner import dispatcher
from maintenance.task import Task
from maintenance.tasks.catalog import CATALOG
from tests.maintenance.calendar import draft, instant
from tests.maintenance.toys import succeed, toy
from zbmaint.access.models import Person
from zbmaint.queue.presence import Presence

pytestmark = pytest.mark.django_db
MONDAY = "2026-04-06 00:00"
Clock = time_machine.Traveller


def named(key: str, *, locks: tuple[str, ...] = (), **options: Any) -> Task:
    """A toy that is called `key`."""
    return Task(
        **{**toy(succeed, needs="").__dict__, "key": key, "title": key.title(), "lock_groups": locks, **options}
    )


@pytest.fixture(autouse=True)
def _catalogue(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Schedule.objects.update(retired_at=timezone.now())
    for task in (named("alpha", locks=("disk",)), named("beta"), named("gamma", locks=("disk",))):
        monkeypatch.setitem(CATALOG, task.key, task)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(instant(MONDAY), tick=False) as traveller:
        yield traveller


def tick(clock: Clock, at: str, *, workers: int = 1) -> None:
    """One turn of the ticker at `at`, with so many live workers of two places each."""
    now = instant(f"2026-04-{at}")
    clock.move_to(now)
    for _ in range(workers):
        Presence("worker", "long").beat()
    planning.plan_due(now)
    dispatcher.dispatch_due(now)


def end(run: Run | None, state: str = "succeeded") -> None:
    assert run is not None
    runs.claim(run.pk, str(run.token), "w")
    assert runs.finish(run.pk, run.token, state, verdict="Ended by the test.")


def story(schedule: Schedule) -> list[str]:
    rows = schedule.occurrences.order_by("due_at", "position")
    return [f"{row.due_at:%d %H:%M} {row.task}: {row.state} {row.reason}".strip() for row in rows]


def runs_of(schedule: Schedule) -> list[Run]:
    return list(Run.objects.filter(occurrence__schedule=schedule).order_by("id"))


class TestASlot:
    def test_it_goes_in_its_order_and_a_failed_task_never_skips_the_next(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha", "beta", "gamma"), actor=None)
        tick(clock, "06 02:00")
        assert story(schedule)[1] == f"06 02:00 beta: due waits for Alpha, run {runs_of(schedule)[0].pk}"
        end(runs_of(schedule)[0], "failed")
        tick(clock, "06 02:01")
        end(runs_of(schedule)[1])
        tick(clock, "06 02:02")
        assert [run.task for run in runs_of(schedule)] == ["alpha", "beta", "gamma"]
        assert {row.split(": ")[1] for row in story(schedule)} == {"started"}

    def test_one_run_an_occurrence_however_often_the_ticker_turns(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha"), actor=None)
        for _ in range(5):
            tick(clock, "06 02:00")
        assert Run.objects.count() == 1
        assert runs_of(schedule)[0].origin == Origin.SCHEDULE

    def test_what_this_version_does_not_carry_out_is_not_configured_and_holds_up_nothing(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "cache_review", "alpha"), actor=None)
        tick(clock, "06 02:00", workers=1)
        first, second = runs_of(schedule)
        assert (first.state, second.state) == ("not_configured", "queued")
        assert first.verdict == "Not configured: this version does not carry out cache statistics review."


class TestLocks:
    def test_work_that_shares_a_lock_group_does_not_overlap(self, clock: Clock) -> None:
        first = schedules.save(draft("0 2 * * *", "alpha"), actor=None)
        second = schedules.save(draft("1 2 * * *", "gamma"), actor=None)
        tick(clock, "06 02:01")
        assert story(second) == [f"06 02:01 gamma: due waits for run {runs_of(first)[0].pk} (disk)"]
        end(runs_of(first)[0])
        tick(clock, "06 02:03")
        assert story(second) == ["06 02:01 gamma: started"]

    def test_a_lock_group_of_the_schedule_counts_too(self, clock: Clock) -> None:
        schedules.save(draft("0 2 * * *", "beta", facts={"lock_groups": ["net"]}), actor=None)
        other = schedules.save(draft("0 2 * * *", "alpha", facts={"lock_groups": ["net"]}, rank=9), actor=None)
        tick(clock, "06 02:00")
        assert "(net)" in story(other)[0]


class TestLateness:
    def test_three_days_of_stopped_workers_miss_every_time_and_catch_up_with_one_run(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha", facts={"lateness_minutes": 360}), actor=None)
        tick(clock, "08 05:00")
        assert story(schedule) == [
            "06 02:00 alpha: missed a later time is due by now, and only the latest is caught up",
            "07 02:00 alpha: missed a later time is due by now, and only the latest is caught up",
            "08 02:00 alpha: started",
        ]
        assert Run.objects.count() == 1

    def test_no_catch_up_beyond_the_lateness(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha", facts={"lateness_minutes": 60}), actor=None)
        tick(clock, "08 05:00")
        assert [row.split(": ")[1].split()[0] for row in story(schedule)] == ["missed"] * 3

    def test_no_catch_up_when_it_is_off(self, clock: Clock) -> None:
        facts = {"lateness_minutes": 360, "catch_up": "none"}
        schedule = schedules.save(draft("0 2 * * *", "alpha", facts=facts), actor=None)
        tick(clock, "06 02:30")
        assert "catch-up is off" in story(schedule)[0]

    def test_no_catch_up_outside_the_window(self, clock: Clock) -> None:
        schedule = schedules.save(
            draft(
                "0 2 * * *",
                "alpha",
                facts={"lateness_minutes": 600},
                window_from=dt.time(1),
                window_to=dt.time(4),
            ),
            actor=None,
        )
        tick(clock, "06 05:00")
        assert story(schedule) == ["06 02:00 alpha: due outside its window 01:00 to 04:00 UTC"]
        tick(clock, "06 12:01")
        assert story(schedule)[0].endswith("missed not started within 600 min: outside its window 01:00 to 04:00 UTC")

    def test_without_a_worker_it_waits_and_is_missed_with_that_reason(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha", facts={"lateness_minutes": 45}), actor=None)
        tick(clock, "06 02:10", workers=0)
        assert story(schedule) == ["06 02:00 alpha: due waits for a free worker"]
        tick(clock, "06 02:46", workers=0)
        assert story(schedule)[0].endswith("missed not started within 45 min: waits for a free worker")

    def test_a_run_that_no_worker_takes_in_time_is_withdrawn(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 2 * * *", "alpha", facts={"lateness_minutes": 45}), actor=None)
        tick(clock, "06 02:00")
        tick(clock, "06 02:46")
        assert story(schedule) == ["06 02:00 alpha: missed no worker took its run within 45 min"]
        assert Run.objects.get().state == "skipped"


class TestOverlap:
    def test_the_run_before_that_is_still_at_work_skips_this_one(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 * * * *", "alpha"), actor=None)
        tick(clock, "06 01:00")
        run = Run.objects.get()
        runs.claim(run.pk, str(run.token), "w")
        tick(clock, "06 02:00")
        assert story(schedule)[1] == f"06 02:00 alpha: skipped still running: run {run.pk}"

    def test_or_makes_it_wait(self, clock: Clock) -> None:
        schedule = schedules.save(draft("0 * * * *", "alpha", overlap="wait"), actor=None)
        tick(clock, "06 01:00")
        run = Run.objects.get()
        runs.claim(run.pk, str(run.token), "w")
        tick(clock, "06 02:00")
        assert story(schedule)[1] == f"06 02:00 alpha: due waits for run {run.pk}"


def test_more_due_than_may_start_at_once_waits_and_none_is_dropped(clock: Clock) -> None:
    made = [schedules.save(draft("0 2 * * *", "beta", facts={"lateness_minutes": 600}), actor=None) for _ in range(7)]
    minute = 0
    while Occurrence.objects.due().exists() or minute == 0:
        tick(clock, f"06 02:{minute:02}", workers=1)
        assert Run.objects.active().count() <= 2
        for run in Run.objects.active():
            end(run)
        minute += 1
    assert minute == 4
    assert [len(runs_of(schedule)) for schedule in made] == [1] * 7


class TestFreeze:
    def freeze(self, people: dict[str, Person], **scope: Any) -> None:
        freezes.begin(
            actor=people["lead"],
            reason="year end",
            begins_at=instant("2026-04-06 01:00"),
            ends_at=instant("2026-04-06 03:00"),
            **scope,
        )

    def test_everything_is_skipped_with_its_reason_while_it_holds(
        self, clock: Clock, people: dict[str, Person]
    ) -> None:
        schedule = schedules.save(draft("0 * * * *", "beta"), actor=None)
        self.freeze(people)
        for at in ("06 02:00", "06 03:00"):
            tick(clock, at)
        assert story(schedule) == [
            "06 01:00 beta: skipped freeze: year end, until 06 Apr, 03:00 UTC",
            "06 02:00 beta: skipped freeze: year end, until 06 Apr, 03:00 UTC",
            "06 03:00 beta: started",
        ]

    def test_a_scope_holds_only_what_belongs_to_it(
        self, clock: Clock, people: dict[str, Person], own_target: Target
    ) -> None:
        perfective = Category.objects.get(key="perfective")
        held = schedules.save(draft("0 2 * * *", "beta", category=perfective), actor=None)
        free = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        on_target = schedules.save(
            draft("0 2 * * *", "database_maintenance", facts={"target": own_target, "catch_up": "latest"}), actor=None
        )
        self.freeze(people, categories=[perfective], targets=[own_target])
        tick(clock, "06 02:00", workers=3)
        assert [story(s)[0].split(": ")[1].split()[0] for s in (held, free, on_target)] == [
            "skipped",
            "started",
            "skipped",
        ]

    def test_nobody_starts_by_hand_what_is_frozen(
        self, clock: Clock, people: dict[str, Person], own_target: Target
    ) -> None:
        self.freeze(people)
        clock.move_to(instant("2026-04-06 02:00"))
        with pytest.raises(runs.RunRefused, match=r"Frozen until 06 Apr 2026, 03:00 UTC: year end\. Lift"):
            runs.request(named("beta"), None, actor=people["tier2"], origin=Origin.PERSON)


class TestPauseAndSkip:
    def test_a_pause_holds_until_its_day(self, clock: Clock, people: dict[str, Person]) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        schedules.pause(schedule, actor=people["lead"], reason="new storage", until=dt.date(2026, 4, 8))
        for at in ("06 02:00", "07 02:00", "08 02:00"):
            tick(clock, at)
        assert [row.split(": ", 1)[1] for row in story(schedule)] == [
            "skipped paused: new storage",
            "skipped paused: new storage",
            "started",
        ]

    def test_one_time_is_skipped_before_it_comes(self, clock: Clock, people: dict[str, Person]) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        occurrences.skip(
            schedule.tasks.get(), instant("2026-04-07 02:00"), actor=people["lead"], reason="release night"
        )
        for at in ("06 02:00", "07 02:00", "08 02:00"):
            tick(clock, at)
            for run in Run.objects.active():
                end(run)
        assert [row.split(": ", 1)[1] for row in story(schedule)] == ["started", "skipped release night", "started"]

    def test_a_skip_is_taken_back_and_the_time_starts_after_all(self, clock: Clock, people: dict[str, Person]) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        lead = people["lead"]
        row = occurrences.skip(schedule.tasks.get(), instant("2026-04-06 02:00"), actor=lead, reason="x")
        occurrences.take_back(row, actor=lead)
        tick(clock, "06 02:00")
        assert story(schedule) == ["06 02:00 beta: started"]

    def test_a_skip_is_taken_back_after_its_time_while_it_may_still_start(
        self, clock: Clock, people: dict[str, Person]
    ) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        lead = people["lead"]
        row = occurrences.skip(schedule.tasks.get(), instant("2026-04-06 02:00"), actor=lead, reason="x")
        tick(clock, "06 02:30")
        occurrences.take_back(row, actor=lead)
        tick(clock, "06 02:31")
        assert story(schedule) == ["06 02:00 beta: started"]

    @pytest.mark.parametrize(
        ("due_at", "reason", "says"),
        [("2026-04-06 02:00", "  ", "Say why"), ("2026-04-06 02:01", "because", "is not due at 06 Apr 2026, 02:01")],
    )
    def test_what_cannot_be_skipped_is_refused_in_words(
        self, clock: Clock, people: dict[str, Person], due_at: str, reason: str, says: str
    ) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        with pytest.raises(occurrences.OccurrenceRefused, match=says):
            occurrences.skip(schedule.tasks.get(), instant(due_at), actor=people["lead"], reason=reason)

    def test_what_started_can_neither_be_skipped_nor_taken_back(self, clock: Clock, people: dict[str, Person]) -> None:
        schedule = schedules.save(draft("0 2 * * *", "beta"), actor=None)
        tick(clock, "06 02:00")
        with pytest.raises(occurrences.OccurrenceRefused, match="was started already"):
            occurrences.skip(schedule.tasks.get(), instant("2026-04-06 02:00"), actor=people["lead"], reason="too late")
        with pytest.raises(occurrences.OccurrenceRefused, match="Only a time that a person skipped"):
            occurrences.take_back(schedule.occurrences.get(), actor=people["lead"])


def test_the_four_slots_of_one_sunday_run_in_order_without_overlap_in_a_lock_group(
    clock: Clock, own_target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First Sunday of a quarter: daily, weekly, monthly, quarterly; every task is real work that takes 20 minutes."""
    for shipped in SCHEDULES:
        for task in shipped.tasks:
            locks = ("db:zbmaint",) if task.on_own_database else ()
            monkeypatch.setitem(CATALOG, task.task, named(task.task, locks=locks))
    schedule_keys = ["daily", "weekly", "monthly", "quarterly"]
    clock.move_to(instant("2026-04-05 00:00"))
    Schedule.objects.filter(key__in=schedule_keys).update(retired_at=None, next_due_at=None)
    Schedule.objects.filter(key="weekly").get().tasks.update(target=None)
    started: dict[int, dt.datetime] = {}
    planning.plan_due(instant("2026-04-05 00:00"))
    for minute in range(0, 60 * 14, 10):
        now = instant("2026-04-05 02:00") + dt.timedelta(minutes=minute)
        clock.move_to(now)
        for run in Run.objects.active():
            if now - started.setdefault(run.pk, now) >= dt.timedelta(minutes=20):
                end(run)
        Presence("worker", "long").beat()
        planning.plan_due(now)
        dispatcher.dispatch_due(now)
        held = [name for run in Run.objects.active() for name in run.lock_groups]
        assert len(held) == len(set(held))
        for run in Run.objects.active():
            started.setdefault(run.pk, now)
    order = list(Run.objects.order_by("id").values_list("occurrence__schedule__key", "occurrence__position"))
    for key in schedule_keys:
        positions = [position for schedule, position in order if schedule == key]
        assert positions == sorted(positions)
    firsts = [
        min(started[run.pk] for run in Run.objects.filter(occurrence__schedule__key=key)) for key in schedule_keys
    ]
    assert firsts == sorted(firsts)
    assert not Occurrence.objects.due().filter(due_at__date=dt.date(2026, 4, 5)).exists()
    assert not Occurrence.objects.filter(state="missed", schedule__key__in=["daily", "weekly"]).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("number", [12, pytest.param(50, marks=pytest.mark.long)])
def test_two_tickers_side_by_side_start_nothing_twice_in_ten_hours_of_many_schedules(number: int) -> None:
    Schedule.objects.update(retired_at=timezone.now())
    with time_machine.travel(instant(MONDAY), tick=False):
        for _ in range(number):
            schedules.save(draft("0 * * * *", "cache_review", facts={"lateness_minutes": 1000}), actor=None)
    barrier = Barrier(2)

    def ticker() -> None:
        barrier.wait()
        for hour in range(1, 11):
            now = instant(f"2026-04-06 {hour:02}:00")
            planning.plan_due(now)
            dispatcher.dispatch_due(now)
        connection.close()

    threads = [Thread(target=ticker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dispatcher.dispatch_due(instant("2026-04-06 10:00"))
    assert Occurrence.objects.count() == number * 10
    states = dict.fromkeys(Occurrence.objects.values_list("state", flat=True))
    assert set(states) <= {"started", "missed"}
    assert Run.objects.count() == Occurrence.objects.filter(state="started").count()
    assert Run.objects.filter(occurrence__isnull=True).count() == 0


def test_nothing_due_costs_three_queries_whatever_the_number_of_schedules(
    clock: Clock, django_assert_num_queries: Any
) -> None:
    for _ in range(20):
        schedules.save(draft("0 2 * * *", "beta"), actor=None)
    now = instant("2026-04-06 01:00")
    with django_assert_num_queries(3):
        planning.plan_due(now)
        dispatcher.dispatch_due(now)
