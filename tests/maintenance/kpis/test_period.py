"""Periods: days, weeks, quarters, and what they are cut into."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.kpis.period import LONGEST, Period

DAY = dt.date(2026, 4, 5)
PERIODS = st.builds(
    Period.until, st.dates(dt.date(2010, 1, 1), dt.date(2100, 1, 1)), st.integers(min_value=1, max_value=LONGEST)
)


@given(PERIODS)
def test_the_parts_of_a_period_follow_each_other_and_are_all_of_it(period: Period) -> None:
    parts = period.parts()
    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert all(after.first - before.last == dt.timedelta(days=1) for before, after in pairwise(parts))
    assert sum(part.days for part in parts) == period.days


@given(PERIODS)
def test_the_previous_period_is_as_long_and_ends_where_this_begins(period: Period) -> None:
    assert period.previous().days == period.days
    assert period.previous().ends == period.begins


def test_a_week_begins_on_its_monday() -> None:
    week = Period.week("2026-W14")
    assert (week.first, week.last) == (dt.date(2026, 3, 30), dt.date(2026, 4, 5))
    assert week.week_starting == week.first
    assert Period.until(DAY, 8).week_starting is None


@pytest.mark.parametrize("name", ["", "2026-W54", "2026-14", "2026-W1", "26-W01", "2026-W00", "²²²²-W01", "9999-W52"])
def test_what_is_no_week_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match=r"Write it as|Choose"):
        Period.week(name)


def test_the_quarter_goes_to_the_day() -> None:
    assert Period.quarter(DAY) == Period(dt.date(2026, 4, 1), DAY)
    assert Period.quarter(dt.date(2026, 3, 31)).first == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (DAY, DAY - dt.timedelta(days=1), "Exchange them"),
        (dt.date(1, 1, 1), DAY, "Choose days between"),
        (DAY, dt.date(9999, 12, 31), "Choose days between"),
        (DAY, DAY + dt.timedelta(days=LONGEST), "at most 1,100"),
    ],
)
def test_what_is_no_period_is_refused_in_words(first: dt.date, last: dt.date, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Period.asked(first, last)


@pytest.mark.parametrize(("number", "grain"), [(1, "day"), (100, "day"), (101, "week"), (400, "week"), (401, "month")])
def test_longer_periods_have_longer_parts(number: int, grain: str) -> None:
    period = Period.until(DAY, number)
    assert period.grain == grain
    assert len(period.parts()) <= 100


def test_where_clocks_are_changed_the_week_is_an_hour_shorter_or_longer(settings: Any) -> None:
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    for name, hours in (("2026-W13", 167), ("2026-W43", 169), ("2026-W20", 168)):
        week = Period.week(name)
        assert (week.ends - week.begins).total_seconds() / 3600 == hours
