"""Reads the rolled days of runs and due times. Every function is one query; days are inclusive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet, Sum

from maintenance.models import RunDay
from zbmaint.rollup.spread import Spread

_SUMS: Final = (
    "succeeded", "warning", "failed", "timed_out", "lost", "cancelled", "skipped", "not_configured", "dry_runs",
    "attempts", "overran", "overrun_seconds", "expected", "in_time", "missed", "held",
)  # fmt: skip
_SPREADS: Final = ("durations", "waits", "lateness")


def _nothing() -> Spread:
    return Spread([])


@dataclass(frozen=True)
class Runs:
    """The columns of RunDay over several days; `days` is how many of them are rolled. Spreads are of milliseconds."""

    days: int = 0
    succeeded: int = 0
    warning: int = 0
    failed: int = 0
    timed_out: int = 0
    lost: int = 0
    cancelled: int = 0
    skipped: int = 0
    not_configured: int = 0
    dry_runs: int = 0
    attempts: int = 0
    overran: int = 0
    overrun_seconds: int = 0
    expected: int = 0
    in_time: int = 0
    missed: int = 0
    held: int = 0
    durations: Spread = field(default_factory=_nothing, compare=False)
    waits: Spread = field(default_factory=_nothing, compare=False)
    lateness: Spread = field(default_factory=_nothing, compare=False)

    @property
    def completed(self) -> int:
        """Runs that did their work."""
        return self.succeeded + self.warning

    @property
    def counted(self) -> int:
        """Runs that the success rate counts: also those that failed, ran out of time or were lost."""
        return self.completed + self.failed + self.timed_out + self.lost

    @property
    def success_rate(self) -> float | None:
        """0 to 1; None when nothing counted."""
        return self.completed / self.counted if self.counted else None

    @property
    def success_rate_strict(self) -> float | None:
        """The same with every missed due time as a failure."""
        every = self.counted + self.missed
        return self.completed / every if every else None

    @property
    def adherence(self) -> float | None:
        """Due times that began in time, of those expected: 0 to 1; None without any."""
        return self.in_time / self.expected if self.expected else None


def total(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> Runs:
    """All of the period, or of one task or category."""
    return _read(_rows(first, last, task, category)).get((), Runs())


def by_day(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> dict[dt.date, Runs]:
    """Each day that has something (all: that is rolled), in order."""
    return {key[0]: runs for key, runs in _read(_rows(first, last, task, category), "day").items()}


def by_task(first: dt.date, last: dt.date, *, category: str = "") -> dict[str, Runs]:
    """Each task that has something, by key."""
    rows = _period(first, last).exclude(task="")
    return {key[0]: runs for key, runs in _read(_of(rows, category), "task").items()}


def by_category(first: dt.date, last: dt.date) -> dict[str, Runs]:
    """Each category that has something, by key. A task that no category knows is in none."""
    rows = _period(first, last).filter(task="").exclude(category="")
    return {key[0]: runs for key, runs in _read(rows, "category").items()}


def _period(first: dt.date, last: dt.date) -> QuerySet[RunDay]:
    return RunDay.objects.filter(day__gte=first, day__lte=last).order_by()


def _of(rows: QuerySet[RunDay], category: str) -> QuerySet[RunDay]:
    return rows.filter(category=category) if category else rows


def _rows(first: dt.date, last: dt.date, task: str, category: str) -> QuerySet[RunDay]:
    """A task is in one category a day, and maybe in another one on the next."""
    rows = _period(first, last).filter(task=task)
    return _of(rows, category) if task else rows.filter(category=category)


def _read(rows: QuerySet[RunDay], *by: str) -> dict[tuple[Any, ...], Runs]:
    packed = {f"all_{name}": ArrayAgg(name, filter=~Q(**{name: b""}), default=[]) for name in _SPREADS}
    sums = {f"sum_{name}": Sum(name, default=0) for name in _SUMS}
    found = rows.values(*by).annotate(days=Count("day", distinct=True), **sums, **packed).order_by(*by) if by else []
    if not by:
        found = [rows.aggregate(days=Count("day", distinct=True), **sums, **packed)]
    return {tuple(row[name] for name in by): _made(row) for row in found}


def _made(row: dict[str, Any]) -> Runs:
    values: dict[str, Any] = {name: int(row[f"sum_{name}"]) for name in _SUMS}
    values |= {name: Spread(row[f"all_{name}"]) for name in _SPREADS}
    return Runs(days=row["days"], **values)
