"""Weeks of the reports: ISO weeks, Monday to Sunday, named such as 2026-W14."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

A_WEEK: Final = dt.timedelta(days=7)
# Weeks that one run freezes at most, when several are not frozen yet.
MOST: Final = 8


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the week in which `day` lies."""
    return day - dt.timedelta(days=day.isoweekday() - 1)


def name_of(day: dt.date) -> str:
    """The name of its week: 2026-W14."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def said(name: str) -> str:
    """The name of a week for people: 2026-W04 is Week 4, 2026."""
    year, _, week = name.partition("-W")
    return f"Week {int(week)}, {year}"


def last_over(today: dt.date) -> dt.date:
    """The Monday of the latest week that is over on the day `today`."""
    return monday_of(today) - A_WEEK


def owed(first: dt.date | None, today: dt.date, frozen: Collection[dt.date]) -> tuple[list[dt.date], int]:
    """The Mondays of the weeks that are to be frozen, the earliest first, and how many older ones are left as they are.

    Every week that is over counts, from the one in which the `first` data is (None: there is none), and of those that
    are not `frozen` the newest `MOST`.
    """
    if first is None:
        return [], 0
    missing, monday = [], monday_of(first)
    while monday <= last_over(today):
        if monday not in frozen:
            missing.append(monday)
        monday += A_WEEK
    return missing[-MOST:], max(0, len(missing) - MOST)
