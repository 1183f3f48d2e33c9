"""What days of tickets add up to. Each function asks the database once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db.models import Q, QuerySet, Sum

from incidents.models import ALL_SEVERITIES, ALL_TIERS, PersonDay, TicketDay
from zbmaint.rollup import days
from zbmaint.rollup.spread import Spread


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


def read(first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> Figures:
    """The days from `first` to `last`, both included."""
    return _grain(_rows(first, last, Q(tier=tier, severity=severity)), tier, severity)


def by_day(first: dt.date, last: dt.date, tier: int = ALL_TIERS, severity: str = ALL_SEVERITIES) -> list[Day]:
    """Each of these days, in order, whether it is rolled up or not."""
    rows = _rows(first, last, Q(tier=tier, severity=severity))
    known = {row["day"] for row in rows}
    mine = {row["day"]: row for row in rows if (row["tier"], row["severity"]) == (tier, severity)}
    return [_day(day, mine.get(day, {}) if day in known else None) for day in days.each(first, last)]


def by_tier(first: dt.date, last: dt.date, severity: str = ALL_SEVERITIES) -> dict[int, Figures]:
    """By tier, those of which there is something."""
    rows = _rows(first, last, Q(tier__gt=ALL_TIERS, severity=severity))
    return {tier: _grain(rows, tier, severity) for tier in sorted({row["tier"] for row in rows} - {ALL_TIERS})}


def by_severity(first: dt.date, last: dt.date, tier: int = ALL_TIERS) -> dict[str, Figures]:
    """By severity, those of which there is something."""
    rows = _rows(first, last, Q(tier=tier) & ~Q(severity=ALL_SEVERITIES))
    found = {row["severity"] for row in rows} - {ALL_SEVERITIES}
    return {severity: _grain(rows, tier, severity) for severity in sorted(found)}


def by_tier_and_severity(first: dt.date, last: dt.date) -> dict[tuple[int, str], Figures]:
    """By both, those of which there is something."""
    rows = _rows(first, last, Q(tier__gt=ALL_TIERS) & ~Q(severity=ALL_SEVERITIES))
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
_COLUMNS: Final = ("day", "tier", "severity", *_COUNTS, *_BACKLOG, "answers", "resolutions")
_Row = dict[str, Any]


def _rows(first: dt.date, last: dt.date, grains: Q) -> list[_Row]:
    """The rows of `grains`, and of every day that of all, which says that the day is rolled up."""
    every = Q(tier=ALL_TIERS, severity=ALL_SEVERITIES)
    found: QuerySet[TicketDay, _Row] = TicketDay.objects.filter(every | grains, day__range=(first, last)).values(
        *_COLUMNS
    )
    return list(found.order_by("day"))


def _grain(rows: list[_Row], tier: int, severity: str) -> Figures:
    known = {row["day"] for row in rows}
    mine = [row for row in rows if (row["tier"], row["severity"]) == (tier, severity)]
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
    sums = dict.fromkeys(_COUNTS, 0)
    for row in rows:
        for name in _COUNTS:
            sums[name] += row[name]
    return Counts(**sums)


def _backlog(day: dt.date, row: _Row) -> Backlog:
    return Backlog(day, **{name: row[name] for name in _BACKLOG if name in row})
