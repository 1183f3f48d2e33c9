"""Weeks of days as rows, for tests of weekly reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from incidents.models import TicketDay
from maintenance.actions import weekly_reports
from maintenance.kpis.period import Period
from maintenance.models import FindingDay, Probe, RunDay, ServiceDay, WeeklyReport
from tests.maintenance.probing import make_probe
from zbmaint.rollup import rolling
from zbmaint.rollup.spread import pack

MONDAY = dt.date(2026, 3, 30)  # of week 14
WEEK = "2026-W14"
# The Monday after, at eight.
NOW = dt.datetime(2026, 4, 6, 8, tzinfo=dt.UTC)
A_DAY = dt.timedelta(days=1)
HOUR = 3_600_000_000  # microseconds
TASK = "database_maintenance"


@contextmanager
def nothing_to_roll() -> Iterator[None]:
    """The days as a test has written them: nothing rolls them anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rolling, "_kinds", {})
        yield


def days(monday: dt.date = MONDAY) -> list[dt.date]:
    return [monday + place * A_DAY for place in range(7)]


def runs(monday: dt.date = MONDAY, **counts: Any) -> None:
    """Every day of a week two runs of database maintenance, of 10 s and 30.5 s; on Monday `counts` besides."""
    for day in days(monday):
        facts: dict[str, Any] = {"succeeded": 1, "warning": 1, "attempts": 2, "expected": 2, "in_time": 2}
        facts["durations"] = pack([10_000, 30_500])
        if day == monday:
            facts |= counts
        for category, task in (("", ""), ("preventive", ""), ("preventive", TASK)):
            RunDay.objects.create(day=day, category=category, task=task, **facts)
        for severity in ("", "high"):
            FindingDay.objects.create(day=day, severity=severity, found=1, open=3)


def tickets(monday: dt.date = MONDAY, **counts: Any) -> None:
    """Every day of a week two tickets, both in tier 1, one answered in time; on Monday `counts` besides."""
    for day in days(monday):
        facts: dict[str, Any] = {"opened": 2, "received": 2, "resolved": 1, "responses_met": 1, "responses_missed": 1}
        facts |= {"answers": pack([60, 100]), "resolutions": pack([3600]), "open": 4, "open_age_median": 7200}
        if day == monday:
            facts |= counts
        for tier in (0, 1):
            TicketDay.objects.create(day=day, tier=tier, severity="", **facts)


def service(name: str, monday: dt.date = MONDAY, **monday_facts: Any) -> Probe:
    """A critical service that was up the whole week, but for what `monday_facts` say of its Monday; and the system,
    which is the same."""
    probe = Probe.objects.filter(name=name).first() or make_probe(name=name)
    Probe.objects.filter(pk=probe.pk).update(created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), critical=True)
    for day in days(monday):
        facts = {"up": 24 * HOUR, "net_up": 24 * HOUR} | (monday_facts if day == monday else {})
        for key in (0, probe.pk):
            ServiceDay.objects.get_or_create(day=day, probe=key, defaults=facts)
    return probe


def make_report(monday: dt.date = MONDAY) -> WeeklyReport:
    """The frozen report of a week, with the days that are there; with days of its own when there are none."""
    if not RunDay.objects.exists():
        runs(monday)
        tickets(monday)
    period = Period(monday, monday + 6 * A_DAY)
    return weekly_reports.freeze(period, period.ends, tell=False)


def two_weeks(**counts: Any) -> None:
    """Week 13 without trouble, and week 14 with `counts` of runs on its Monday."""
    for monday in (MONDAY - 7 * A_DAY, MONDAY):
        runs(monday, **(counts if monday == MONDAY else {}))
        tickets(monday)
