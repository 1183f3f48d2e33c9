"""Business time: how much of it lies between two moments, and when an amount of it has passed.

A calendar is open when the clock on its wall says so, in its own time zone. What a change to or from summer time takes
out of the day or brings twice is counted as it is: an hour that does not exist is not open, one that comes twice is
open twice. Moments are aware, and results are in UTC. (That a zone turns its clock twice in two days, or back over
midnight from after it, is not foreseen: no zone has done so since 2012.)
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

Span = tuple[dt.datetime, dt.datetime]
Hours = tuple[tuple[int, int], ...]  # of one day: from and to (exclusive) in minutes since midnight, in order

DAY: Final = dt.timedelta(days=1)
MINUTES_A_DAY: Final = 24 * 60
FARTHEST: Final = 5 * 366  # days; a calendar that stays shut longer is none
END_OF_TIME: Final = dt.datetime(9998, 1, 1, tzinfo=dt.UTC)
ZERO: Final = dt.timedelta(0)


class NeverOpen(ValueError):
    """The calendar does not open often enough for what was asked of it."""


@dataclass(frozen=True)
class Calendar:
    """When a tier works. Without `week` it always does; else seven days, Monday first, each with its hours."""

    zone: str = "UTC"
    week: tuple[Hours, ...] = ()
    holidays: frozenset[dt.date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.week:
            return
        if len(self.week) != 7:
            raise ValueError(f"A week has seven days, not {len(self.week)}.")
        for hours in self.week:
            edges = [edge for span in hours for edge in span]
            if any(edge < 0 or edge > MINUTES_A_DAY for edge in edges) or edges != sorted(set(edges)):
                raise ValueError(f"The hours of a day are in order and do not touch, not {hours}.")
        if not any(self.week):
            raise NeverOpen("A calendar opens at least once a week.")

    @property
    def always(self) -> bool:
        """Whether it never shuts."""
        return not self.week

    def stored(self) -> dict[str, Any]:
        """As JSON; empty for one that never shuts."""
        if self.always:
            return {}
        days = sorted(day.isoformat() for day in self.holidays)
        return {"zone": self.zone, "week": [[list(span) for span in hours] for hours in self.week], "holidays": days}


ALWAYS: Final = Calendar()


def from_stored(stored: dict[str, Any]) -> Calendar:
    """The calendar that `stored` gave."""
    if not stored:
        return ALWAYS
    week = tuple(tuple((int(begin), int(end)) for begin, end in hours) for hours in stored["week"])
    return Calendar(stored["zone"], week, frozenset(map(dt.date.fromisoformat, stored["holidays"])))


def worked(calendar: Calendar, start: dt.datetime, end: dt.datetime, pauses: Sequence[Span] = ()) -> dt.timedelta:
    """The business time from `start` to `end` outside `pauses`; none when `end` comes first."""
    amount = ZERO
    end = end.astimezone(dt.UTC)
    for begin, close in _working(calendar, start, pauses):
        if begin >= end:
            break
        amount += min(close, end) - begin
    return amount


def after(calendar: Calendar, start: dt.datetime, amount: dt.timedelta, pauses: Sequence[Span] = ()) -> dt.datetime:
    """The first moment at which `amount` of business time outside `pauses` has passed since `start`.

    An amount of nothing has passed at once, also outside of hours. Raises NeverOpen when the calendar does not open
    for that long within five years.
    """
    start = start.astimezone(dt.UTC)
    horizon = start + FARTHEST * DAY
    left = min(amount, FARTHEST * DAY + DAY)
    if left <= ZERO:
        return start
    for begin, close in _working(calendar, start, pauses):
        if begin + left > horizon:
            break
        if close - begin >= left:
            return begin + left
        left -= close - begin
    raise NeverOpen("This calendar does not open for that long within five years.")


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same moments as spans that are in order and do not touch; spans without length are left out."""
    result: list[Span] = []
    # In UTC: two moments of one zone compare by their walls, which is wrong in an hour that comes twice.
    for begin, end in sorted((begin.astimezone(dt.UTC), end.astimezone(dt.UTC)) for begin, end in spans):
        if end <= begin:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def _working(calendar: Calendar, start: dt.datetime, pauses: Sequence[Span]) -> Iterator[Span]:
    """The spans from `start` on in which the calendar is open and nothing is paused, in order."""
    waiting = merged(pauses)
    for begin, close in _open(calendar, start):
        while waiting and waiting[0][1] <= begin:
            waiting.pop(0)
        at = begin
        for pause_begin, pause_end in waiting:
            if pause_begin >= close:
                break
            if pause_begin > at:
                yield at, pause_begin
            at = max(at, pause_end)
        if at < close:
            yield at, close


def _open(calendar: Calendar, start: dt.datetime) -> Iterator[Span]:
    start = start.astimezone(dt.UTC)
    if calendar.always:
        yield start, END_OF_TIME
        return
    day = start.astimezone(zoneinfo.ZoneInfo(calendar.zone)).date() - DAY  # a day may come twice in part
    while day.year < END_OF_TIME.year:
        for begin, close in _hours_of(calendar, day):
            if close > start:
                yield max(begin, start), close
        day += DAY


@lru_cache(maxsize=4096)
def _hours_of(calendar: Calendar, day: dt.date) -> tuple[Span, ...]:
    """The spans of one day on the wall, in UTC. One that a change of the clock cuts comes in parts."""
    if day in calendar.holidays:
        return ()
    midnight = dt.datetime.combine(day, dt.time())
    found = []
    for from_utc, to_utc, offset in _offsets(calendar.zone, day):
        for begin, close in calendar.week[day.weekday()]:
            at = (midnight + dt.timedelta(minutes=begin) - offset).replace(tzinfo=dt.UTC)
            until = (midnight + dt.timedelta(minutes=close) - offset).replace(tzinfo=dt.UTC)
            if max(at, from_utc) < min(until, to_utc):
                found.append((max(at, from_utc), min(until, to_utc)))
    return tuple(sorted(found))


def _offsets(zone_name: str, day: dt.date) -> list[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """The spans around `day` in which the zone keeps one offset from UTC, with that offset."""
    zone = zoneinfo.ZoneInfo(zone_name)
    first = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) - dt.timedelta(hours=16)
    last = first + dt.timedelta(hours=56)
    before, later = _offset(zone, first), _offset(zone, last)
    if before == later:
        return [(first, last, before)]
    low, high = first, last
    while high - low > dt.timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return [(first, high, before), (high, last, later)]


def _offset(zone: zoneinfo.ZoneInfo, moment: dt.datetime) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or ZERO
