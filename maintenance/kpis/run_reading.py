"""Reads the rolled days of runs and due times. Every function is one query; days are inclusive.

`load` is for several readings of the same days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from maintenance.models import RunDay
from zbmaint.rollup.fetching import Concatenated, fetch
from zbmaint.rollup.spread import Spread

_SUMS: Final = (
    "succeeded", "warning", "failed", "timed_out", "lost", "cancelled", "skipped", "not_configured", "dry_runs",
    "attempts", "overran", "overrun_seconds", "expected", "in_time", "missed", "held",
)  # fmt: skip
_SPREADS: Final = ("durations", "waits", "lateness")
_KEYS: Final = ("day", "category", "task")
_DAY = _KEYS.index("day")
# Keys, sums and spreads, in the order of `Runs`.
_Row = tuple[Any, ...]
_Grain = tuple[str, str]  # a category and a task of it; no task: all of the category


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
    """What was asked for day by day, and every category and task by these two keys, to be read in several ways without
    asking again. `rolled` are the days that are rolled up: on one without a row of what was asked for nothing was."""

    asked: Mapping[dt.date, Runs]
    others: Mapping[_Grain, Runs]
    rolled: Sequence[dt.date] = ()

    def total(self, first: dt.date, last: dt.date) -> Runs:
        """All of the period that was asked for."""
        return _together(list(self.by_day(first, last).values()))

    def by_day(self, first: dt.date, last: dt.date) -> dict[dt.date, Runs]:
        """Each day of it that is rolled up, in order."""
        return {day: self.asked.get(day, Runs(days=1)) for day in self.rolled if first <= day <= last}

    def by_task(self, category: str) -> dict[str, Runs]:
        """Each task that has something, by key."""
        found: dict[str, list[Runs]] = {}
        for (mine, task), runs in self.others.items():
            if task and category in ("", mine):
                found.setdefault(task, []).append(runs)
        return {task: _together(found[task]) for task in sorted(found)}

    def by_category(self) -> dict[str, Runs]:
        """Each category that has something, by key. A task that no category knows is in none."""
        return {category: runs for (category, task), runs in self.others.items() if not task}


def load(first: dt.date, last: dt.date, *, task: str, category: str, others_from: dt.date) -> Loaded:
    """What is asked for; and from `others_from` on every category and task, of which lateness is not known. How long
    runs waited is not known of any. Two queries; one when the others begin after the last day."""
    mine = Q(task=task, category=category) if category or not task else Q(task=task)
    # Every day has the row of all: the day is rolled up. Bytes that nobody asks for stay where they are.
    durations, lateness = (Case(When(mine, then=F(name)), default=Value(b"")) for name in ("durations", "lateness"))
    asked = _period(first, last).filter(mine | Q(task="", category="")).order_by("day")
    asked = asked.annotate(durations_asked=durations, nothing=Value(b""), lateness_asked=lateness)
    rows = fetch(asked.values_list(*_KEYS, *_SUMS, "durations_asked", "nothing", "lateness_asked"))
    narrowed = bool(task or category)
    others = _by_grain(_others(others_from, last), ("durations",)) if others_from <= last else {}
    return Loaded(
        _by_day(row for row in rows if not narrowed or row[1] or row[2]), others, sorted({row[_DAY] for row in rows})
    )


def total(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> Runs:
    """All of the period, or of one task or category."""
    return _made(_fetched(_rows(first, last, task, category)))


def by_day(first: dt.date, last: dt.date, *, task: str = "", category: str = "") -> dict[dt.date, Runs]:
    """Each day that has something (all: that is rolled), in order."""
    return _by_day(_fetched(_rows(first, last, task, category)))


def by_task(first: dt.date, last: dt.date, *, category: str = "") -> dict[str, Runs]:
    """Each task that has something, by key."""
    return Loaded({}, _by_grain(_of(_others(first, last), category))).by_task("")


def by_category(first: dt.date, last: dt.date) -> dict[str, Runs]:
    """Each category that has something, by key. A task that no category knows is in none."""
    return Loaded({}, _by_grain(_others(first, last).filter(task=""))).by_category()


def _period(first: dt.date, last: dt.date) -> QuerySet[RunDay]:
    return RunDay.objects.filter(day__gte=first, day__lte=last).order_by()


def _others(first: dt.date, last: dt.date) -> QuerySet[RunDay]:
    """All but the row of all."""
    return _period(first, last).exclude(task="", category="")


def _of(rows: QuerySet[RunDay], category: str) -> QuerySet[RunDay]:
    return rows.filter(category=category) if category else rows


def _rows(first: dt.date, last: dt.date, task: str, category: str) -> QuerySet[RunDay]:
    """A task is in one category a day, and maybe in another one on the next."""
    rows = _period(first, last).filter(task=task)
    return _of(rows, category) if task else rows.filter(category=category)


def _fetched(rows: QuerySet[RunDay]) -> list[_Row]:
    return fetch(rows.order_by("day").values_list(*_KEYS, *_SUMS, *_SPREADS))


def _by_grain(rows: QuerySet[RunDay], spreads: Sequence[str] = _SPREADS) -> dict[_Grain, Runs]:
    """What several days add up to, by category and task, as the database adds it up: their rows are thousands."""
    sums = {f"{name}_in_all": Cast(Sum(name), BigIntegerField()) for name in _SUMS}
    joined = {f"{name}_joined": Concatenated(name) for name in spreads}
    found = rows.values("category", "task").order_by("category", "task").annotate(days=Count("day"), **sums, **joined)
    return {
        (category, task): Runs(days, *numbers[: len(_SUMS)], **_spreads(spreads, numbers[len(_SUMS) :]))
        for category, task, days, *numbers in fetch(found.values_list("category", "task", "days", *sums, *joined))
    }


def _spreads(names: Sequence[str], packed: Sequence[bytes]) -> dict[str, Any]:
    return dict(zip(names, map(Spread.merged, packed), strict=True))


def _by_day(rows: Iterable[_Row]) -> dict[dt.date, Runs]:
    found: dict[dt.date, list[_Row]] = {}
    for row in rows:
        found.setdefault(row[_DAY], []).append(row)
    return {day: _made(found[day]) for day in sorted(found)}


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
