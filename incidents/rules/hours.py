"""The hours of a calendar as people write them, and whether it is open at a moment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Final

from incidents.rules import business_time
from incidents.rules.business_time import MINUTES_A_DAY, Calendar

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_HOLIDAYS: Final = 200
LONGEST_NAME: Final = 80
_INSTANT: Final = dt.timedelta(microseconds=1)
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Minutes = list[list[int]]  # of one day: [from, to] in minutes since midnight


class BadHours(ValueError):
    """What was typed is no hours or no holiday; the message says why and what to write."""


def is_open(calendar: Calendar, now: dt.datetime) -> bool:
    """Whether the calendar is open at `now`."""
    return opens_at(calendar, now) == now


def opens_at(calendar: Calendar, now: dt.datetime) -> dt.datetime:
    """The first moment from `now` on at which the calendar is open. Raises NeverOpen without one in five years."""
    return business_time.after(calendar, now, _INSTANT) - _INSTANT


def read(text: str) -> Minutes:
    """The hours of one day, such as `08:00-12:00, 13:00-17:00`; none when it is shut. Raises BadHours."""
    spans: Minutes = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise BadHours(f"“{part}” is no span of hours. Write 08:00-12:00, 13:00-17:00, or nothing: shut.")
        begin, end = _minute(found[1], found[2]), _minute(found[3], found[4])
        if end <= begin:
            raise BadHours(f"“{part}” ends before it begins. Hours over midnight stand on both days, until 24:00.")
        if spans and begin < spans[-1][1]:
            raise BadHours(f"“{part}” begins before {_clock(spans[-1][1])}, when the one before it ends.")
        if spans and begin == spans[-1][1]:
            spans[-1][1] = end
        else:
            spans.append([begin, end])
    return spans


def written(spans: Iterable[Sequence[int]]) -> str:
    """The same as text."""
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)


def read_holidays(lines: Iterable[str]) -> list[list[str]]:
    """[date, name] pairs in order, of lines such as `2026-12-25 Christmas Day`. Raises BadHours naming the line."""
    days: dict[str, str] = {}
    for line in lines:
        date, _, name = line.strip().partition(" ")
        if not _is_date(date):
            raise BadHours(f"“{line}” does not begin with a date. Write 2026-12-25 Christmas Day.")
        if len(name.strip()) > LONGEST_NAME:
            raise BadHours(f"The name on {date} has more than {LONGEST_NAME} characters.")
        if date in days:
            raise BadHours(f"{date} stands here twice.")
        days[date] = name.strip()
    if len(days) > MOST_HOLIDAYS:
        raise BadHours(f"A calendar has at most {MOST_HOLIDAYS} holidays, not {len(days)}. Leave out those gone by.")
    return [[date, days[date]] for date in sorted(days)]


def _minute(hour: str, minute: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > MINUTES_A_DAY:
        raise BadHours(f"{hour}:{minute} is no time of day. They go from 00:00 to 24:00.")
    return value


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
