from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test.utils import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from maintenance.kpis import run_reading, run_rows
from maintenance.kpis.run_figures import OCCURRENCES, RUNS
from maintenance.models import Schedule, TaskTotal
from tests.maintenance.kpis.run_history import (
    ALL,
    NOW,
    SPREADS,
    TASKS,
    Event,
    Rows,
    events,
    expected,
    histories,
    in_order,
    make_schedules,
    rolled,
)
from zbmaint.access.models import Person
from zbmaint.rollup import rolling
from zbmaint.rollup.spread import Spread

pytestmark = pytest.mark.django_db
Calendar: TypeAlias = dict[str, Schedule]
People: TypeAlias = dict[str, Person]
ZONES = some.sampled_from(["UTC", "Europe/Berlin"])
PERIODS = some.tuples(
    some.dates(dt.date(2026, 3, 27), dt.date(2026, 4, 2)), some.integers(0, 4), some.sampled_from(["", "corrective"])
)
some_examples = hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def calendar(db: None) -> Calendar:
    return make_schedules()


@contextmanager
def a_history(zone: str, calendar: Calendar) -> Iterator[Rows]:
    """Rows that are gone at the end, on a desk that is at NOW and whose days are of `zone`."""
    with time_machine.travel(NOW, tick=False), override_settings(REPORT_TIME_ZONE=zone), transaction.atomic():
        yield Rows(calendar)
        transaction.set_rollback(True)


@given(histories, ZONES, some.lists(some.tuples(some.integers(0, 14), events), max_size=4))
@some_examples
def test_days_are_what_an_oracle_says_and_stay_so_when_history_is_corrected(
    calendar: Calendar, people: People, history: list[Event], zone: str, corrections: list[tuple[int, Event]]
) -> None:
    with a_history(zone, calendar) as rows:
        person = people["lead"]
        rows.put(history, person)
        rolling.roll_stale(NOW)
        assert rolled() == in_order(expected(history, ZoneInfo(zone)))
        for number, event in corrections:
            if event.due_at not in {each.due_at for each in history}:
                event.task = history[number].task
                if (event.run_state is None) != (history[number].run_state is None):
                    event.run_state = history[number].run_state
                history[number] = event
        rows.put(history, person)
        rolling.roll_stale(NOW)
        after = rolled()
        assert_totals(after)
        assert after == in_order(expected(history, ZoneInfo(zone)))
        rolling.rebuild("runs", None, NOW)
        assert rolled() == after


@given(histories, ZONES, PERIODS)
@some_examples
def test_reading_adds_days_up_and_every_figure_leads_to_as_many_rows(
    calendar: Calendar, people: People, history: list[Event], zone: str, asked: tuple[dt.date, int, str]
) -> None:
    first, more, category = asked
    last = first + dt.timedelta(days=more)
    with a_history(zone, calendar) as rows:
        rows.put(history, people["lead"])
        rolling.roll_stale(NOW)
        every = {key: row for key, row in expected(history, ZoneInfo(zone)).items() if first <= key[0] <= last}
        by_task = run_reading.by_task(first, last, category=category)
        for task in {event.task for event in history}:
            wanted = [row for key, row in every.items() if key[2] == task and category in ("", key[1])]
            assert_sum(by_task.get(task, run_reading.Runs()), wanted)
            assert_sum(run_reading.total(first, last, task=task, category=category), wanted)
        total = run_reading.total(first, last, category=category)
        wanted = [row for key, row in every.items() if key[1:] == (category, "")]
        assert_sum(total, wanted)
        days = run_reading.by_day(first, last, category=category)
        assert sum(day.counted for day in days.values()) == total.counted
        if category:
            assert_sum(run_reading.by_category(first, last).get(category, run_reading.Runs()), wanted)
        for figure in RUNS:
            if figure != "attempts":
                found = run_rows.runs(figure, first, last, category=category)
                assert found.count() == size(total, figure), figure
        for figure in OCCURRENCES:
            due = run_rows.occurrences(figure, first, last, category=category)
            if figure != "not_configured":
                assert due.count() == size(total, figure), figure
                continue
            lacked = [event for event in history if lacks(event) and category in ("", TASKS[event.task][0])]
            days_of = [event.due_at.astimezone(ZoneInfo(zone)).date() for event in lacked if event.due_at <= NOW]
            assert due.count() == sum(first <= day <= last for day in days_of)
            assert not due.filter(OCCURRENCES["expected"]).exists()


def lacks(event: Event) -> bool:
    """Whether it is a due time whose run ended as not configured before it began."""
    of_schedule = bool(TASKS[event.task][0]) and event.due_state == "started"
    return of_schedule and event.run_state == "not_configured" and event.started_at is None


def size(total: run_reading.Runs, figure: str) -> int:
    if figure == "not_in_time":
        return total.expected - total.in_time
    value = getattr(total, figure)
    return value.number if isinstance(value, Spread) else int(value)


def assert_sum(runs: run_reading.Runs, rows: list[dict[str, Any]]) -> None:
    for name in ALL:
        read = getattr(runs, name)
        if name in SPREADS:
            values = sorted(value for row in rows for value in row[name])
            assert [read._from(place)[0] for place in range(read.number)] == values
        else:
            assert read == sum(row[name] for row in rows), name


def assert_totals(days: dict[tuple[dt.date, str, str], dict[str, Any]]) -> None:
    """Totals of tasks are their days added up, whatever was corrected meanwhile."""
    totals = TaskTotal.objects.in_bulk()
    for key in TASKS:
        total = totals.get(key) or TaskTotal(task=key, buckets=[0] * 11)
        rows = [row for (_, _, task), row in days.items() if task == key]
        for name in ("succeeded", "lost", "not_configured", "missed"):
            assert getattr(total, name) == sum(row[name] for row in rows), name
        lengths = [length for row in rows for length in row["durations"]]
        assert (total.milliseconds, sum(total.buckets)) == (sum(lengths), len(lengths))
        assert sum(total.buckets[:5]) == sum(length <= 300_000 for length in lengths)
