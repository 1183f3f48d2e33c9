from __future__ import annotations

import datetime as dt
import statistics
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from maintenance.actions import findings
from maintenance.kpis import finding_reading, run_rows
from maintenance.models import Finding, FindingDay, FindingStretch
from zbmaint.access.models import Person
from zbmaint.rollup import days, rolling

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC)
SEVERITIES = ["critical", "low"]
# What happens to one finding, in order: after how many minutes, what, at which severity, accepted for how many days.
lives = some.lists(
    some.tuples(
        some.integers(1, 2500),
        some.sampled_from(["seen", "gone", "accepted", "reopened"]),
        some.sampled_from(SEVERITIES),
        some.integers(0, 3),
    ),
    max_size=7,
)
Stretch = tuple[dt.datetime, dt.datetime, str, str, dt.date | None]


def live(number: int, life: list[tuple[int, str, str, int]]) -> tuple[list[Any], list[Any], list[Stretch]]:
    """Do to a finding what happens to it; returns when it was found and resolved (with the severity), and how it stood:
    (since, from, state, severity, accepted until), each until the next one, "" for not there."""
    now, found, resolved, stood = START, [], [], []
    state, since, row, severity, until = "", START, None, "", None
    for minutes, what, wanted, more in life:
        now += dt.timedelta(minutes=minutes)
        if what == "seen":
            severity = wanted
            if state in ("", "resolved"):
                state, since = "new", now
                found.append((now, severity))
            elif state != "accepted" or until is None or until < now.date():
                state, until = "ongoing", None
        elif state in ("", "resolved"):
            continue
        elif what == "gone":
            state, until = "resolved", None
            resolved.append((now, severity))
        elif what == "accepted" and state != "accepted":
            state, until = "accepted", now.date() + dt.timedelta(days=more)
        elif what == "reopened" and state == "accepted":
            state, until = "ongoing", None
        row = row or Finding(task="t", kind="k", subject=str(number), title="t", first_seen_at=now)
        row.state, row.severity, row.first_seen_at, row.last_seen_at = state, severity, since, now
        row.accepted_until, row.resolved_at = until, now if state == "resolved" else None
        row.save()
        stood.append((since, now, "" if state == "resolved" else state, severity, until))
    return found, resolved, stood


def standing_at(stood: list[Stretch], end: dt.datetime) -> tuple[str, str, float] | None:
    """How one finding stood just before `end`: open or accepted, the severity, the age."""
    before = [each for each in stood if each[1] < end]
    if not before or not before[-1][2]:
        return None
    since, _, state, severity, until = before[-1]
    last = (end - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date()
    accepted = state == "accepted" and until is not None and until >= last
    return "accepted" if accepted else "open", severity, (end - since).total_seconds()


@given(some.lists(lives, max_size=4), some.sampled_from(["UTC", "Europe/Berlin"]))
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_days_are_what_an_oracle_says(settings: Any, history: list[Any], zone: str) -> None:
    settings.REPORT_TIME_ZONE = zone
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        lived = [live(number, life) for number, life in enumerate(history)]
        rolling.roll_stale(NOW)
        for day in days.each(dt.date(2026, 3, 27), days.day_of(NOW)):
            row = {each.severity: each for each in FindingDay.objects.filter(day=day)}
            if not row:  # before the first finding
                assert all(not stood or days.day_of(stood[0][1]) > day for _, _, stood in lived)
                continue
            begins, ends = days.bounds(day)
            end = min(ends, NOW + dt.timedelta(microseconds=1))
            there = [state for _, _, stood in lived if (state := standing_at(stood, end))]
            for severity in ("", *SEVERITIES):
                of = row[severity]
                ages = [age for state, at, age in there if state == "open" and severity in ("", at)]
                accepted = [age for state, at, age in there if state == "accepted" and severity in ("", at)]
                assert (of.open, of.accepted) == (len(ages), len(accepted)), (day, severity)
                assert of.open_age_median == (int(statistics.median(ages)) if ages else None)
                for figure, events in (("found", 0), ("resolved", 1)):
                    happened = [
                        at
                        for one in lived
                        for moment, at in one[events]
                        if begins <= moment < ends and moment <= NOW and severity in ("", at)
                    ]
                    assert getattr(of, figure) == len(happened), (day, severity, figure)
                read = finding_reading.total(day, day, severity=severity)
                for figure in ("found", "resolved", "open", "accepted"):
                    assert run_rows.findings(figure, day, day, severity=severity).count() == getattr(read, figure)
        transaction.set_rollback(True)


def make(first_seen: dt.datetime, **facts: Any) -> Finding:
    given = {"task": "t", "kind": "k", "subject": "s", "title": "t", "severity": "low"}
    return Finding.objects.create(first_seen_at=first_seen, last_seen_at=first_seen, **given | facts)


def opened(first: dt.date, last: dt.date) -> list[int | None]:
    return [day.open for day in finding_reading.by_day(first, last).values()]


def test_a_finding_that_is_known_late_is_open_on_all_days_since() -> None:
    now = timezone.now()
    today, before = days.day_of(now), days.day_of(now) - 5 * days.A_DAY
    other = make(now - 6 * days.A_DAY, subject="other", state="resolved", resolved_at=now - 6 * days.A_DAY)
    rolling.roll_stale(now)
    assert opened(before, today) == [0] * 6
    late = make(days.begins(today - 3 * days.A_DAY))
    rolling.roll_stale(now)
    assert opened(before, today) == [0, 0, 1, 1, 1, 1]
    Finding.objects.filter(pk=late.pk).update(first_seen_at=days.begins(today - 1 * days.A_DAY))
    rolling.roll_stale(now)
    assert opened(before, today) == [0, 0, 0, 0, 1, 1]
    Finding.objects.filter(pk=other.pk).update(resolved_at=now - 4 * days.A_DAY)
    rolling.roll_stale(now)
    assert opened(before, today) == [1, 0, 0, 0, 1, 1]


def test_a_finding_that_comes_back_leaves_the_days_of_its_first_life_alone() -> None:
    now = timezone.now()
    finding = make(now - 9 * days.A_DAY, state="resolved", resolved_at=now - 7 * days.A_DAY)
    rolling.roll_stale(now)
    Finding.objects.filter(pk=finding.pk).update(
        state="new", resolved_at=None, first_seen_at=now - days.A_DAY, last_seen_at=now - days.A_DAY
    )
    rolling.rebuild("findings", None, now)
    total = finding_reading.total(days.day_of(now) - 9 * days.A_DAY, days.day_of(now))
    assert (total.found, total.resolved, total.open, total.accepted) == (2, 1, 1, 0)


def test_accepting_and_reopening_are_written_down(people: dict[str, Person]) -> None:
    finding = make(timezone.now() - days.A_DAY)
    today = timezone.now().date()
    findings.accept(finding, actor=people["lead"], until=today + 3 * days.A_DAY, reason="known")
    findings.reopen(finding, actor=people["lead"])
    rows = list(FindingStretch.objects.values_list("state", "accepted_until", "resolved"))
    assert rows == [("open", None, False), ("accepted", today + 3 * days.A_DAY, False), ("open", None, False)]
    first, second, third = FindingStretch.objects.all()
    assert (first.ends, second.ends, third.ends) == (second.begins, third.begins, None)
    assert {row.since for row in (first, second, third)} == {finding.first_seen_at}


def test_what_changes_nothing_is_not_written_down() -> None:
    finding = make(timezone.now() - days.A_DAY)
    Finding.objects.filter(pk=finding.pk).update(state="ongoing", last_seen_at=timezone.now(), title="other words")
    assert FindingStretch.objects.count() == 1
