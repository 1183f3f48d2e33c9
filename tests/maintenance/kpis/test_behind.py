"""As many rows are behind each KPI as it says, on histories at random that are rolled up."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from incidents.measures import reading as ticket_reading
from maintenance.kpis import behind, values
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.models import Outage, Schedule, Span
from tests.incidents.actions.conftest import team
from tests.incidents.measures.stories import SEVERITIES, story
from tests.incidents.measures.stories import write as write_stories
from tests.maintenance.kpis.run_history import NOW, START, Event, Rows, histories, make_schedules
from tests.maintenance.kpis.spans import make_service
from tests.maintenance.made import add_finding, make_run
from zbmaint.access.models import Person
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db
__all__ = ["team"]
FIRST = START.date()
PERIODS = some.builds(
    lambda first, number: Period.until(FIRST + dt.timedelta(days=first + number), number + 1),
    some.integers(0, 3),
    some.integers(0, 3),
)
few = hypothesis_settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def at_now() -> Iterator[None]:
    """Everything is gone at the end."""
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        yield
        transaction.set_rollback(True)


def check(period: Period, filters: Filters) -> set[str]:
    """Count what is behind every KPI; those are returned behind which there is something."""
    read, seen = values.read(period, filters), set()
    for key, kpi in KPIS.items():
        parts = behind.parts(key, period, filters)
        if kpi.rows == "services":
            assert not parts
            continue
        count = sum(part.rows.count() for part in parts if part.counts)
        assert count == read[key].n, (key, period, filters)
        if count:
            seen.add(key)
    return seen


@given(histories, PERIODS, some.sampled_from(["", "corrective"]), some.sampled_from(["", "log_rotation"]))
@few
def test_of_runs_and_due_times(
    people: dict[str, Person], history: list[Event], period: Period, category: str, task: str
) -> None:
    with at_now():
        schedules: dict[str, Schedule] = make_schedules()
        Rows(schedules).put(history, people["lead"])
        rolling.roll_stale(NOW)
        check(period, Filters(category=category, task=task))


@pytest.mark.parametrize("seed", range(3))
def test_of_tickets(team: dict[str, Person], seed: int) -> None:
    chance = random.Random(seed)
    with at_now():
        write_stories([story(chance, "UTC", FIRST.isoformat()) for _ in range(12)], team)
        rolling.roll_stale(NOW)
        whole = Period(FIRST, NOW.date())
        assert {"tickets_resolved", "backlog", "mtta_median_seconds"} <= check(whole, Filters())
        check(whole, Filters(tier=chance.choice((1, 2, 3))))
        check(Period.until(FIRST + dt.timedelta(days=2), 2), Filters(severity=chance.choice(SEVERITIES)))
        for period in (whole, Period.until(FIRST + dt.timedelta(days=2), 2)):
            loads = ticket_reading.by_person(period.first, period.last)
            for load in loads:
                parts = behind.of_person(Person.objects.get(pk=load.person), period)
                counts = tuple(part.rows.count() for part in parts)
                assert counts == (load.open, load.answered, load.resolved), (load, period)
        assert loads


def test_of_findings_and_outages() -> None:
    period = Period(FIRST, NOW.date())
    with at_now():
        for number, critical in enumerate((True, True, False)):
            service, down = make_service(f"Shop {number}", since=-240, critical=critical), START
            Span.objects.create(probe=service, state="down", begins=down, ends=NOW)
            Outage.objects.create(probe=service, started_at=down, confirmed_at=down, reason="Refused")
        finding = add_finding(make_run("warning"))
        rolling.roll_stale(NOW)
        assert values.read(period)["uptime"] == (0, 2)
        assert {"uptime", "findings_found", "findings_open", "tasks_completed"} <= check(period, Filters())
        assert [row.finding for row in behind.parts("findings_open", period, Filters())[0].rows] == [finding]
        assert values.read(period, Filters(service=service.pk))["uptime"] == (0, 1)
        check(period, Filters(service=service.pk))
