"""Days of the reports: which instants belong to which, in the time zone of REPORT_TIME_ZONE (UTC as shipped)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings

A_DAY = dt.timedelta(days=1)


def zone() -> ZoneInfo:
    """The zone in which days begin."""
    return ZoneInfo(settings.REPORT_TIME_ZONE)


def day_of(moment: dt.datetime) -> dt.date:
    """The day in which an instant lies."""
    return moment.astimezone(zone()).date()


def begins(day: dt.date) -> dt.datetime:
    """The first instant of a day, in UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone()).astimezone(dt.UTC)


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first instant of a day, and that of the day after: 23, 24 or 25 hours later, where clocks are changed."""
    return begins(day), begins(day + A_DAY)


def whole_since(kept: int, now: dt.datetime) -> dt.date:
    """The first day of which nothing has been deleted for its age, of what is kept for `kept` days."""
    return day_of(now - kept * A_DAY) + A_DAY


def each(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from `first` to `last`, both included; none when `last` is before."""
    for number in range((last - first).days + 1):
        yield first + number * A_DAY
