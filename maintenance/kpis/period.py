"""Period: the days that KPIs are read of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from zbmaint.rollup import days

# What people may ask for. A period before such a one, with which it is compared, may reach back further.
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
# Days of the longest period: three years and some, as long as days are kept.
LONGEST: Final = 1_100
# A chart has a point a day up to so many days, then one a week, then one a month.
MOST_DAYS, MOST_WEEKS = 100, 400
Grain = Literal["day", "week", "month"]


@dataclass(frozen=True, order=True)
class Period:
    """The days from `first` to `last`, both included, as they begin in REPORT_TIME_ZONE.

    Raises ValueError, with a sentence for people, when it ends before it begins or is too long.
    """

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"The last day ({self.last}) is before the first ({self.first}). Exchange them.")
        if self.days > LONGEST:
            raise ValueError(f"That is {self.days:,} days. Choose at most {LONGEST:,}.")

    @classmethod
    def asked(cls, first: dt.date, last: dt.date) -> Period:
        """A period that people ask for. Raises ValueError also when it is not within the calendar that is kept."""
        if first < EARLIEST or last > LATEST:
            raise ValueError(f"Days are kept from {EARLIEST} to {LATEST}. Choose days between them.")
        return cls(first, last)

    @classmethod
    def week(cls, name: str) -> Period:
        """The ISO week of a name such as 2026-W14, Monday to Sunday. Raises ValueError when there is none."""
        year, _, number = name.partition("-W")
        if not (year.isdecimal() and len(year) == 4 and number.isdecimal() and len(number) == 2 and name.isascii()):
            raise ValueError(f"“{name[:20]}” is not a week. Write it as 2026-W14.")
        try:
            monday, sunday = (dt.date.fromisocalendar(int(year), int(number), day) for day in (1, 7))
        except ValueError:
            raise ValueError(f"There is no week {int(number)} in {year}. Choose another.") from None
        return cls.asked(monday, sunday)

    @classmethod
    def until(cls, last: dt.date, number: int) -> Period:
        """So many days, of which `last` is the last one."""
        return cls(last - (number - 1) * days.A_DAY, last)

    @classmethod
    def quarter(cls, of: dt.date) -> Period:
        """The quarter of the year in which a day lies, as far as it has come on that day."""
        return cls(dt.date(of.year, (of.month - 1) // 3 * 3 + 1, 1), of)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> dt.datetime:
        """Its first instant."""
        return days.begins(self.first)

    @property
    def ends(self) -> dt.datetime:
        """The first instant after it."""
        return days.begins(self.last + days.A_DAY)

    @property
    def week_starting(self) -> dt.date | None:
        """Its Monday, when it is an ISO week; None otherwise."""
        return self.first if self.days == 7 and self.first.isoweekday() == 1 else None

    def previous(self) -> Period:
        """As many days, right before it."""
        return Period.until(self.first - days.A_DAY, self.days)

    def following(self) -> Period:
        """As many days, right after it."""
        return Period(self.last + days.A_DAY, self.last + self.days * days.A_DAY)

    @property
    def grain(self) -> Grain:
        """How long one part of it is in a chart."""
        return "day" if self.days <= MOST_DAYS else "week" if self.days <= MOST_WEEKS else "month"

    def parts(self) -> list[Period]:
        """It cut into days, weeks or months, by `grain`; the first and the last may be shorter."""
        parts, first = [], self.first
        while first <= self.last:
            last = min(_last_of(first, self.grain), self.last)
            parts.append(Period(first, last))
            first = last + days.A_DAY
        return parts


def _last_of(day: dt.date, grain: Grain) -> dt.date:
    """The last day of the day, week or month in which `day` lies."""
    if grain == "day":
        return day
    if grain == "week":
        return day + (7 - day.isoweekday()) * days.A_DAY
    return (day.replace(day=28) + 4 * days.A_DAY).replace(day=1) - days.A_DAY
