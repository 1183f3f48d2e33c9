"""The overview's maintenance: what is under way, what became of last night, what comes next, what is found wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from maintenance.models import Finding, Occurrence, Run, Schedule, Severity
from maintenance.models.finding import still_open
from maintenance.rules.occurrence_words import counted, mark_of, story_begins, worst
from maintenance.views.run_list import RunRow
from zbmaint.prepared import Prepared

AT_ONCE: Final = 3
COMING: Final = 4
NIGHT: Final = 6
# Of a schedule that is due every few minutes the night alone would be hundreds.
MOST_TIMES: Final = 200


@dataclass(frozen=True)
class Slot:
    """A due time of a schedule that has come, and what became of its tasks, worst first."""

    key: str
    name: str
    due_at: dt.datetime
    mark: str
    says: str


@dataclass(frozen=True)
class Work:
    """What the overview says of maintenance. `more` earlier due times of the night are not shown."""

    night: list[Slot]
    night_begins: dt.datetime
    more: int
    coming: list[Schedule]
    findings: list[tuple[str, int]]

    @property
    def findings_in_all(self) -> int:
        """Open findings of every severity."""
        return sum(count for _, count in self.findings)


BEFORE, AFTER = dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(1, 1, 2, tzinfo=dt.UTC)


def _passed(begins: dt.datetime, now: dt.datetime) -> QuerySet[Occurrence, Any]:
    """What was due since `begins`, and what has waited since before, latest first."""
    found = Occurrence.objects.filter(Q(due_at__gte=begins) | Q(state=Occurrence.State.DUE), due_at__lte=now)
    columns = ("due_at", "schedule__key", "schedule__name", "state", "run__state")
    return found.order_by("-due_at", "schedule__rank", "schedule").values_list(*columns)[:MOST_TIMES]


PASSED: Final = Prepared(_passed, BEFORE, AFTER)
COMES: Final = Prepared(
    lambda now: (
        Schedule.objects.active().filter(paused_at__isnull=True, next_due_at__gt=now).order_by("next_due_at")[:COMING]
    ),
    BEFORE,
)


def read_running() -> list[RunRow]:
    """What is under way, newest first; one query."""
    runs = Run.objects.active().select_related("target").defer("report", "facts", "parameters", "error", "snapshot")
    return [RunRow(run) for run in runs[:AT_ONCE]]


def read_work(now: dt.datetime) -> Work:
    """Three queries."""
    begins = story_begins(now)
    slots = _read_night(begins, now)
    found = Finding.objects.filter(still_open(now.date())).order_by()
    by_severity = dict(found.values_list("severity").annotate(count=Count("pk")))
    return Work(
        night=slots[:NIGHT],
        night_begins=begins,
        more=max(0, len(slots) - NIGHT),
        coming=COMES.objects(now),
        findings=[(severity, by_severity.get(severity, 0)) for severity in Severity.values],
    )


def _read_night(begins: dt.datetime, now: dt.datetime) -> list[Slot]:
    slots = []
    for (due_at, key, name), members in groupby(PASSED.rows(begins, now), key=lambda row: row[:3]):
        marks = [mark_of(state, run_state, due_at, now) for *_, state, run_state in members]
        slots.append(Slot(key, name, due_at, worst(marks), counted(marks)))
    return slots
