"""A second way to count: a life as a plain list of stays, each counted from scratch, half minute by half minute.

It shares no code with the rules: moments are numbers of half minutes, a calendar is a string of bytes with one for
every half minute in which somebody works, and what is asked is counted in a copy of it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field
from functools import cache

EPOCH = dt.datetime(2026, 10, 19, tzinfo=dt.UTC)  # a Monday; Berlin's summer ends on the Sunday after
UNIT = dt.timedelta(seconds=30)
DAYS = 150
LENGTH = DAYS * 2880
MINUTES = {
    1: {"critical": 15, "high": 60, "medium": 240, "low": 1440},
    2: {"critical": 30, "high": 120, "medium": 480, "low": 2880},
    3: {"critical": 60, "high": 240, "medium": 1440, "low": 4320},
}
RESOLUTION = {"critical": 600, "high": 1200, "medium": 3000, "low": None}
CAPS = {"critical": 4, "high": 24, "medium": 72, "low": 168}  # hours


def moment(units: int | None) -> dt.datetime | None:
    return None if units is None else EPOCH + units * UNIT


@cache
def around_the_clock() -> bytes:
    return b"\1" * LENGTH


@cache
def office() -> bytes:
    """Monday to Friday, 8 to 17 in Berlin, but for a holiday."""
    berlin, found = zoneinfo.ZoneInfo("Europe/Berlin"), bytearray(LENGTH)
    for quarter in range(DAYS * 96):
        wall = (EPOCH + quarter * dt.timedelta(minutes=15)).astimezone(berlin)
        if wall.weekday() < 5 and 8 <= wall.hour < 17 and (wall.month, wall.day) != (10, 28):
            found[quarter * 30 : quarter * 30 + 30] = b"\1" * 30
    return bytes(found)


def nth(marks: bytes, wanted: int) -> int | None:
    """Where the mark of that number stands, counted from one."""
    if marks.count(1) < wanted:
        return None
    low, high = 0, len(marks)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if marks.count(1, 0, middle) >= wanted else (middle, high)
    return low


@dataclass
class Stay:
    """One stay. `pauses` are [begin, until], cut short by a person; `target` is what the response has or had."""

    tier: int
    entered: int
    hours: bytes
    target: int
    left: int | None = None
    pauses: list[list[int]] = field(default_factory=list)
    responded: int | None = None
    breach: int | None = None

    def marks(self, now: int, *, net: bool = True) -> bytes:
        """One for every half minute that counts, from its beginning on; a pause that goes on never ends."""
        found = bytearray(self.hours[self.entered : LENGTH if self.left is None else self.left])
        for begin, until in self.pauses if net else []:
            end = until if until <= now else LENGTH
            end = min(end, self.entered + len(found))
            found[begin - self.entered : end - self.entered] = bytes(max(0, end - begin))
        return bytes(found)

    def used(self, now: int, *, net: bool = True) -> int:
        return self.marks(now, net=net).count(1, 0, max(0, (self.left or now) - self.entered))

    def due(self, now: int, percent: int = 100) -> int | None:
        at = nth(self.marks(now), self.target * percent // 100)
        return None if at is None else self.entered + at + 1


@dataclass
class Ledger:
    """The whole life."""

    hours: bytes
    severity: str = "medium"
    tier: int = 1
    status: str = "open"
    holder: str | None = None
    accepted: bool = False
    now: int = 0
    stays: list[Stay] = field(default_factory=list)

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    @property
    def unfinished(self) -> bool:
        return self.status in ("open", "in_progress")

    @property
    def paused_until(self) -> int | None:
        running = [until for _, until in self.last.pauses if until > self.now]
        return running[0] if running and self.unfinished else None

    @property
    def pause_left(self) -> int:
        before = sum(until - begin for begin, until in self.last.pauses)
        return CAPS[self.severity] * 120 - before

    def enter(self) -> None:
        self.stays.append(Stay(self.tier, self.now, self.hours, MINUTES[self.tier][self.severity] * 2))

    def leave(self) -> None:
        self.look()
        stay = self.last
        stay.pauses = [[begin, min(until, self.now)] for begin, until in stay.pauses]
        stay.left = self.now

    def look(self) -> None:
        """See whether the response is missed."""
        due = self.last.due(self.now)
        if self.last.responded is None and self.last.breach is None and due is not None and due <= self.now:
            self.last.breach = due

    def respond(self) -> None:
        if self.last.responded is None:
            self.look()
            self.last.responded = self.now

    def rate(self, severity: str) -> None:
        self.look()
        self.severity = severity
        if self.last.responded is None:
            self.last.target = MINUTES[self.tier][severity] * 2
            due = self.last.due(self.now)
            if due is None or due > self.now:
                self.last.breach = None
            self.look()

    def overall_used(self) -> int:
        return sum(stay.used(self.now) for stay in self.stays)

    def overall_due(self, percent: int = 100) -> int | None:
        minutes = RESOLUTION[self.severity]
        if minutes is None:
            return None
        left = minutes * 2 * percent // 100
        for stay in self.stays:
            marks = stay.marks(self.now)
            at = nth(marks, left)
            if at is not None:
                return stay.entered + at + 1
            left -= marks.count(1)
        return None

    def due(self, percent: int = 100) -> list[int]:
        """The moments of the clocks that wait for something."""
        response = self.last.due(self.now, percent) if self.last.responded is None else None
        return [at for at in (response, self.overall_due(percent)) if at is not None]

    def ahead(self) -> int | None:
        """When the next threshold comes, after all that have come were recorded."""
        coming = [at for percent in (50, 80, 100) for at in self.due(percent) if at > self.now]
        return min(coming, default=None)

    def taken(self) -> tuple[int, int, int]:
        """Wall, business and net, in seconds."""
        wall = sum((stay.left or self.now) - stay.entered for stay in self.stays)
        business = sum(stay.used(self.now, net=False) for stay in self.stays)
        return wall * 30, business * 30, self.overall_used() * 30
