"""Reads the rolled days of runs and due times. Every function is one query; days are inclusive.

`load` is for several readings of the same days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from django.db.models import Case, F, Q, QuerySet, Value, When

from maintenance.models import RunDay
from zbmaint.rollup.fetching import fetch
from zbmaint.rollup.spread import Spread

_SUMS: Final = (
    "succeeded", "warning", "failed", "timed_out", "lost", "cancelled", "skipped", "not_configured", "dry_runs",
    "attempts", "overran", "overrun_seconds", "expected", "in_time", "missed", "held",
)  # fmt: skip
_SPREADS: Final = ("durations", "waits", "lateness")
_KEYS: Final = ("day", "category", "task")
_DAY, _CATEGORY, _TASK = range(len(_KEYS))
# Keys, sums and spreads, in the order of `Runs`.
_Row = tuple[Any, ...]


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


@dataclass(frozen=True)
class Loaded:
    """What was asked for day by day, and the rows of tasks and categories, to be read in several ways without asking
    again."""

    asked: Mapping[dt.date, Runs]
    rows: Sequence[_Row]

    def total(self, first: dt.date, last: dt.date) -> Runs:
        """All of the period that was asked for."""
        return _together(list(self.by_day(first, last).values()))

    def by_day(self, first: dt.date, last: dt.date) -> dict[dt.date, Runs]:
        """Each day of it that has something, in order."""
        return {day: runs for day, runs in self.asked.items() if first <= day <= last}

    def by_task(self, category: str) -> dict[str, Runs]:
        """Each task that has something, by key."""
        return _grouped((row for row in self.rows if row[_TASK] and category in ("", row[_CATEGORY])), _TASK)

    def by_category(self) -> dict[str, Runs]:
        """Each category that has something, by key."""
        return _grouped((row for row in self.rows if not row[_TASK]), _CATEGORY)


def load(first: dt.date, last: dt.date, *, task: str, category: str, tasks_from: dt.date) -> Loaded:
    """What is asked for; and from `tasks_from` on every task and category, of which lateness is not known. How long
    runs waited is not known of any."""
    mine = Q(task=task, category=category) if category or not task else Q(task=task)
    others = Q(day__gte=tasks_from) & (~Q(task="") | ~Q(category=""))
    late = Case(When(mine, then=F("lateness")), default=Value(b""))
    rows = fetch(
        _period(first, last).filter(mine | others).order_by("day").annotate(late=late, nothing=Value(b""))
        .values_list(*_KEYS, *_SUMS, "durations", "nothing", "late")
    )  # fmt: skip
    asked = (row for row in rows if row[_TASK] == task and (row[_CATEGORY] == category or (task and not category)))
    # The row of a task or category that is asked for is also one of all of them.
    return Loaded(
        _grouped(asked, _DAY),
        [row for row in rows if row[_DAY] >= tasks_from and (row[_TASK] or row[_CATEGORY])],
    )


def total(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> Runs:
    """All of the period, or of one task or category."""
    return _made(_fetched(_rows(first, last, task, category)))


def by_day(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> dict[dt.date, Runs]:
    """Each day that has something (all: that is rolled), in order."""
    return _grouped(_fetched(_rows(first, last, task, category)), _DAY)


def by_task(first: dt.date, last: dt.date, *, category: str = "") -> dict[str, Runs]:
    """Each task that has something, by key."""
    return _grouped(_fetched(_of(_period(first, last).exclude(task=""), category)), _TASK)


def by_category(first: dt.date, last: dt.date) -> dict[str, Runs]:
    """Each category that has something, by key. A task that no category knows is in none."""
    return _grouped(_fetched(_period(first, last).filter(task="").exclude(category="")), _CATEGORY)


def _period(first: dt.date, last: dt.date) -> QuerySet[RunDay]:
    return RunDay.objects.filter(day__gte=first, day__lte=last).order_by()


def _of(rows: QuerySet[RunDay], category: str) -> QuerySet[RunDay]:
    return rows.filter(category=category) if category else rows


def _rows(first: dt.date, last: dt.date, task: str, category: str) -> QuerySet[RunDay]:
    """A task is in one category a day, and maybe in another one on the next."""
    rows = _period(first, last).filter(task=task)
    return _of(rows, category) if task else rows.filter(category=category)


def _fetched(rows: QuerySet[RunDay]) -> list[_Row]:
    return fetch(rows.order_by("day").values_list(*_KEYS, *_SUMS, *_SPREADS))


def _grouped(rows: Iterable[_Row], by: int) -> dict[Any, Runs]:
    found: dict[Any, list[_Row]] = {}
    for row in rows:
        found.setdefault(row[by], []).append(row)
    return {key: _made(found[key]) for key in sorted(found)}


def _made(rows: Sequence[_Row]) -> Runs:
    """What rows add up to."""
    if not rows:
        return Runs()
    columns = list(zip(*rows, strict=True))
    sums, spreads = columns[len(_KEYS) : -len(_SPREADS)], columns[-len(_SPREADS) :]
    found: dict[str, Any] = dict(zip(_SUMS, map(sum, sums), strict=True))
    found |= dict(zip(_SPREADS, map(Spread, spreads), strict=True))
    return Runs(len(set(columns[_DAY])), **found)


def _together(several: Sequence[Runs]) -> Runs:
    """What days add up to."""
    if not several:
        return Runs()
    every: list[Any] = [sum(column) for column in zip(*map(attrgetter("days", *_SUMS), several), strict=True)]
    return Runs(*every, *(Spread.joined(getattr(runs, name) for runs in several) for name in _SPREADS))
