"""Rolls the runs that ended on a day, and the due times that came, up into RunDay."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BigIntegerField, Count, F, Func, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.utils import timezone

from maintenance.kpis import task_categories, task_totals
from maintenance.kpis.run_figures import OCCURRENCES, RUNS, STATES, WINDOW_ENDS
from maintenance.models import Occurrence, Run, RunDay
from zbmaint.rollup import days
from zbmaint.rollup.spread import pack

# What became of one task: figures by name.
Row = dict[str, Any]
_RUN_COUNTS: Final = (*STATES, "dry_runs", "overran")
_OCCURRENCE_COUNTS: Final = ("expected", "in_time", "missed", "held")
_SPREADS: Final = ("durations", "waits", "lateness")


def roll(day: dt.date, now: dt.datetime) -> None:
    """Write the rows of one day anew: all, every category and every task that had something."""
    found: dict[str, Row] = defaultdict(dict)
    for row in (*_runs(day, now), *_occurrences(day, now)):
        found[row.pop("task")] |= row
    categories = task_categories.by_task() if found else {}
    rows = _with_sums(day, {(categories.get(task, ""), task): row for task, row in found.items()})
    before = RunDay.objects.filter(day=day)
    task_totals.keep(list(before), rows)
    before.delete()
    RunDay.objects.bulk_create(rows)


def first() -> dt.date | None:
    """The first day whose runs and due times are all still there, and that is not to be deleted itself."""
    run = Run.objects.filter(finished_at__isnull=False).order_by("finished_at").values_list("finished_at", flat=True)
    due = Occurrence.objects.order_by("due_at").values_list("due_at", flat=True)
    earliest = [moment for moment in (run.first(), due.first()) if moment is not None]
    if not earliest:
        return None
    return max(days.day_of(min(earliest)), days.whole_since(kept(), timezone.now()))


def kept() -> int:
    """For how many days runs and due times are kept, and their days."""
    return min(settings.RUN_RETENTION_DAYS, settings.OCCURRENCE_RETENTION_DAYS, settings.ROLLUP_RETENTION_DAYS)


def _runs(day: dt.date, now: dt.datetime) -> Iterable[Row]:
    """By task, what became of the runs that ended on `day` to `now`."""
    begins, ends = days.bounds(day)
    ended = Run.objects.filter(finished_at__gte=begins, finished_at__lt=ends, finished_at__lte=now)
    figures: dict[str, Any] = {name: Count("pk", filter=RUNS[name]) for name in _RUN_COUNTS}
    over = _whole(F("finished_at") - F("window_ends"), 1)
    figures |= {
        "attempts": Sum("attempt", filter=RUNS["attempts"], default=0),
        "overrun_seconds": Sum(over, filter=RUNS["overran"], default=0),
        "of_durations": _values(F("finished_at") - F("started_at"), RUNS["durations"]),
        "of_waits": _values(F("started_at") - F("queued_at"), RUNS["waits"]),
    }
    return _grouped(ended.annotate(window_ends=WINDOW_ENDS), figures)


def _occurrences(day: dt.date, now: dt.datetime) -> Iterable[Row]:
    """By task, what became of the due times of `day` to `now`."""
    begins, ends = days.bounds(day)
    due = Occurrence.objects.filter(due_at__gte=begins, due_at__lt=ends, due_at__lte=now)
    figures: dict[str, Any] = {name: Count("pk", filter=OCCURRENCES[name]) for name in _OCCURRENCE_COUNTS}
    return _grouped(due, figures | {"of_lateness": _values(F("decided_at") - F("due_at"), OCCURRENCES["lateness"])})


def _grouped(rows: QuerySet[Any], figures: dict[str, Any]) -> Iterable[Row]:
    found: Iterable[Row] = rows.order_by().values("task").annotate(**figures)
    return found


def _values(length: Combinable, wanted: Any) -> ArrayAgg:
    """The lengths in milliseconds of the rows that are `wanted`."""
    return ArrayAgg(_whole(length, 1000), filter=wanted, default=[])


def _whole(length: Combinable, to_the_second: int) -> Func:
    """A length as a whole number, rounded down, of so many to the second."""
    template = f"floor(extract(epoch FROM %(expressions)s) * {to_the_second})::bigint"
    return Func(length, template=template, output_field=BigIntegerField())


def _with_sums(day: dt.date, tasks: dict[tuple[str, str], Row]) -> list[RunDay]:
    """The rows of the tasks, of their categories and of all."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    groups["", ""] = []
    for (category, task), row in tasks.items():
        groups[category, task].append(row)
        groups["", ""].append(row)
        if category:
            groups[category, ""].append(row)
    return [_row(day, category, task, rows) for (category, task), rows in groups.items()]


def _row(day: dt.date, category: str, task: str, rows: Sequence[Row]) -> RunDay:
    made = RunDay(day=day, category=category, task=task)
    for name in (*_RUN_COUNTS, *_OCCURRENCE_COUNTS, "attempts", "overrun_seconds"):
        setattr(made, name, sum(row.get(name, 0) for row in rows))
    for name in _SPREADS:
        setattr(made, name, pack(value for row in rows for value in row.get(f"of_{name}", ())))
    return made
