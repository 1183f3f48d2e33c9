"""The rows behind a figure of runs, due times or findings: as many as the figure says.

Periods are inclusive. Of today, what was there at the last roll: figures are as old as that.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from maintenance.kpis import finding_figures
from maintenance.kpis.run_figures import OCCURRENCES, RUNS, WINDOW_ENDS
from maintenance.models import FindingStretch, Occurrence, Run, RunDay
from zbmaint.rollup import days
from zbmaint.rollup.models import Rolled

Row = TypeVar("Row", Run, Occurrence)


def runs(figure: str, first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> QuerySet[Run]:
    """Runs that ended then, by a key of `RUNS`: the state, `completed`, `counted`, `dry_runs`, `overran`, `durations`…

    `window_ends` is set for overran ones. The latest end comes first.
    """
    rows = Run.objects.filter(_within("finished_at", "runs", first, last))
    if figure == "overran":
        rows = rows.annotate(window_ends=WINDOW_ENDS)
    return _of(rows.filter(RUNS[figure]), "finished_at", task, category).order_by("-finished_at", "-id")


def occurrences(
    figure: str, first: dt.date, last: dt.date, *, task: str = "", category: str = ""
) -> QuerySet[Occurrence]:
    """Due times of then, by a key of `OCCURRENCES`: expected, in_time, not_in_time, missed, held, not_configured…"""
    rows = Occurrence.objects.filter(_within("due_at", "runs", first, last)).filter(OCCURRENCES[figure])
    return _of(rows, "due_at", task, category).order_by("-due_at", "-id")


def findings(figure: str, first: dt.date, last: dt.date, *, severity: str = "") -> QuerySet[FindingStretch]:
    """`found` and `resolved` in the period; `open` and `accepted` as its last day ended (today: at the last roll).

    Rows are stretches: a finding that came back within the period was found twice. One query looks up the last roll.
    """
    rolled = Rolled.objects.filter(kind="findings").values_list("at", flat=True).first()
    if rolled is None:
        return FindingStretch.objects.none()
    begins, ends = days.begins(first), days.bounds(last)[1]
    match figure:
        case "found":
            wanted = finding_figures.found(begins, ends, rolled)
        case "resolved":
            wanted = finding_figures.resolved(begins, ends, rolled)
        case _:
            wanted = finding_figures.standing(figure, finding_figures.end_of(ends, rolled))
    rows = FindingStretch.objects.filter(wanted).select_related("finding__target")
    return (rows.filter(severity=severity) if severity else rows).order_by("-begins", "-id")


def _within(field: str, kind: str, first: dt.date, last: dt.date) -> Q:
    rolled = Subquery(Rolled.objects.filter(kind=kind).values("at"))
    within = {"gte": days.begins(first), "lt": days.bounds(last)[1], "lte": rolled}
    return Q(**{f"{field}__{how}": moment for how, moment in within.items()})


def _of(rows: QuerySet[Row], field: str, task: str, category: str) -> QuerySet[Row]:
    """Those of a task, and of a category: the one in which the task was when the day was rolled."""
    if task:
        rows = rows.filter(task=task)
    if category:
        was = RunDay.objects.filter(day=OuterRef("its_day"), category=category, task=OuterRef("task"))
        rows = rows.alias(its_day=TruncDate(field, tzinfo=days.zone())).filter(Exists(was))
    return rows
