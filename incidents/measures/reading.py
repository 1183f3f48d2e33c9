"""What days of tickets add up to. Each function asks the database once; so does `load`, for several of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, Final

from django.db.models import Case, F, Q, Sum, Value, When

from incidents.models import ALL_SEVERITIES, ALL_TIERS, PersonDay, TicketDay
from zbmaint.rollup import days
from zbmaint.rollup.fetching import fetch
from zbmaint.rollup.spread import Spread

_Row = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """What happened in a period: see `TicketDay`; `incidents.measures.rows` says which rows each one counts."""

    opened: int = 0
    received: int = 0
    escalated: int = 0
    reopened: int = 0
    resolved: int = 0
    left_out: int = 0
    responses_met: int = 0
    responses_missed: int = 0
    resolutions_met: int = 0
    resolutions_missed: int = 0
    unanswered: int = 0


@dataclass(frozen=True)
class Backlog:
    """What was not resolved at the end of `day`, or at the last roll when that is today. Ages in seconds."""

    day: dt.date
    open: int = 0
    open_unassigned: int = 0
    open_unanswered: int = 0
    open_age_median: int | None = None
    open_age_p90: int | None = None
    open_age_oldest: int | None = None
    unanswered_age_oldest: int | None = None


@dataclass(frozen=True)
class Figures:
    """A period: what happened on its `days` that are rolled up, how long it took, and what was left.

    `answers` and `resolutions` hold seconds. `backlog` is None when no day of the period is rolled up.
    """

    days: int
    counts: Counts
    answers: Spread
    resolutions: Spread
    backlog: Backlog | None


@dataclass(frozen=True)
class Day:
    """One day of a series; `counts` and `backlog` are None when it is not rolled up: nothing is known of it."""

    day: dt.date
    counts: Counts | None
    backlog: Backlog | None
    answers: Spread
    resolutions: Spread


@dataclass(frozen=True)
class PersonFigures:
    """What a person did in a period, and how many tickets they had at its end."""

    person: int
    username: str
    name: str
    answered: int
    resolved: int
    open: int


@dataclass(frozen=True)
class Loaded:
    """Rows of days, to be read in several ways without asking again: `by_day` has those of each day."""

    by_day: Mapping[dt.date, list[_Row]]

    def read(self, first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> Figures:
        """The days from `first` to `last`, both included."""
        return _grain(self._within(first, last), tier, severity)

    def each_day(self, first: dt.date, last: dt.date, tier: int, severity: str) -> list[Day]:
        """Each of these days, in order, whether it is rolled up or not."""
        return [self._day(day, tier, severity) for day in days.each(first, last)]

    def by_tier(self, first: dt.date, last: dt.date, severity: str = ALL_SEVERITIES) -> dict[int, Figures]:
        """By tier, those of which there is something."""
        rows = self._within(first, last)
        return {tier: _grain(rows, tier, severity) for tier in sorted({row["tier"] for row in rows} - {ALL_TIERS})}

    def _within(self, first: dt.date, last: dt.date) -> list[_Row]:
        return [row for day in days.each(first, last) for row in self.by_day.get(day, ())]

    def _day(self, day: dt.date, tier: int, severity: str) -> Day:
        if day not in self.by_day:
            return _day(day, None)
        return _day(day, next((row for row in self.by_day[day] if _is(row, tier, severity)), {}))


def load(
    first: dt.date, last: dt.date, tier: int, severity: str, *, tiers_from: dt.date, spreads_from: dt.date
) -> Loaded:
    """The rows of a tier and severity, and from `tiers_from` on those of every tier with this severity.

    Rows before `spreads_from` have no answers and resolutions, nor has that of all when it is not asked for.
    """
    mine = Q(tier=tier, severity=severity)
    tiers = Q(tier__gt=ALL_TIERS, severity=severity, day__gte=tiers_from)
    return _load(first, last, mine | tiers, (mine | tiers) & Q(day__gte=spreads_from))


def read(first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> Figures:
    """The days from `first` to `last`, both included."""
    mine = Q(tier=tier, severity=severity)
    return _load(first, last, mine, mine).read(first, last, tier, severity)


def by_day(first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> list[Day]:
    """Each of these days, in order, whether it is rolled up or not."""
    mine = Q(tier=tier, severity=severity)
    return _load(first, last, mine, mine).each_day(first, last, tier, severity)


def by_tier(first: dt.date, last: dt.date, severity: str = ALL_SEVERITIES) -> dict[int, Figures]:
    """By tier, those of which there is something."""
    tiers = Q(tier__gt=ALL_TIERS, severity=severity)
    return _load(first, last, tiers, tiers).by_tier(first, last, severity)


def by_severity(first: dt.date, last: dt.date, tier: int = ALL_TIERS) -> dict[str, Figures]:
    """By severity, those of which there is something."""
    mine = Q(tier=tier) & ~Q(severity=ALL_SEVERITIES)
    rows = _load(first, last, mine, mine)._within(first, last)
    found = {row["severity"] for row in rows} - {ALL_SEVERITIES}
    return {severity: _grain(rows, tier, severity) for severity in sorted(found)}


def by_tier_and_severity(first: dt.date, last: dt.date) -> dict[tuple[int, str], Figures]:
    """By both, those of which there is something."""
    both = Q(tier__gt=ALL_TIERS) & ~Q(severity=ALL_SEVERITIES)
    rows = _load(first, last, both, both)._within(first, last)
    found = {(row["tier"], row["severity"]) for row in rows} - {(ALL_TIERS, ALL_SEVERITIES)}
    return {grain: _grain(rows, *grain) for grain in sorted(found)}


def by_person(first: dt.date, last: dt.date) -> list[PersonFigures]:
    """Everybody who did something or had a ticket at the end, by username."""
    within = PersonDay.objects.filter(day__range=(first, last))
    rolled = TicketDay.objects.filter(day__range=(first, last), tier=ALL_TIERS, severity=ALL_SEVERITIES)
    end = rolled.order_by("-day").values("day")[:1]
    people = within.values("person_id", "person__username", "person__name").order_by("person__username")
    sums = people.annotate(
        answers=Sum("answered"), ends=Sum("resolved"), left=Sum("open", filter=Q(day=end), default=0)
    )
    found = (
        PersonFigures(
            row["person_id"], row["person__username"], row["person__name"], row["answers"], row["ends"], row["left"]
        )
        for row in sums
    )
    return [person for person in found if person.answered or person.resolved or person.open]


_COUNTS: Final = tuple(field.name for field in fields(Counts))
_BACKLOG: Final = tuple(field.name for field in fields(Backlog) if field.name != "day")
_COLUMNS: Final = ("day", "tier", "severity", *_COUNTS, *_BACKLOG)
_SPREADS: Final = ("answers", "resolutions")


def _load(first: dt.date, last: dt.date, grains: Q, with_spreads: Q) -> Loaded:
    """The rows of `grains`, and of every day that of all, which says that the day is rolled up."""
    every = Q(tier=ALL_TIERS, severity=ALL_SEVERITIES)
    rows = TicketDay.objects.filter(every | grains, day__range=(first, last)).order_by("day")
    # Bytes that nobody asks for stay where they are.
    spreads = {f"{name}_asked": Case(When(with_spreads, then=F(name)), default=Value(b"")) for name in _SPREADS}
    by_day: dict[dt.date, list[_Row]] = {}
    for row in fetch(rows.annotate(**spreads).values_list(*_COLUMNS, *spreads)):
        by_day.setdefault(row[0], []).append(dict(zip((*_COLUMNS, *_SPREADS), row, strict=True)))
    return Loaded(by_day)


def _is(row: _Row, tier: int, severity: str) -> bool:
    return bool(row["tier"] == tier and row["severity"] == severity)


def _grain(rows: list[_Row], tier: int, severity: str) -> Figures:
    known = {row["day"] for row in rows}
    mine = [row for row in rows if _is(row, tier, severity)]
    end = max(known, default=None)
    left: _Row = mine[-1] if mine and mine[-1]["day"] == end else {}
    return Figures(
        len(known),
        _counts(mine),
        Spread(row["answers"] for row in mine),
        Spread(row["resolutions"] for row in mine),
        None if end is None else _backlog(end, left),
    )


def _day(day: dt.date, row: _Row | None) -> Day:
    """None: nothing is known of it; an empty row: nothing was."""
    if row is None:
        return Day(day, None, None, Spread(()), Spread(()))
    parts = [row] if row else []
    answers, resolutions = (Spread(part[name] for part in parts) for name in ("answers", "resolutions"))
    return Day(day, _counts(parts), _backlog(day, row), answers, resolutions)


def _counts(rows: Iterable[_Row]) -> Counts:
    columns = zip(*map(itemgetter(*_COUNTS), rows), strict=True)
    return Counts(*map(sum, columns))


def _backlog(day: dt.date, row: _Row) -> Backlog:
    return Backlog(day, **{name: row[name] for name in _BACKLOG if name in row})
