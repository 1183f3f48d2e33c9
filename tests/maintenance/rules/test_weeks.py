"""Names of weeks, and which are owed a report."""

from __future__ import annotations

import datetime as dt

import pytest

from maintenance.rules import weeks

A_WEEK = dt.timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "monday", "name", "said"),
    [
        (dt.date(2026, 4, 5), dt.date(2026, 3, 30), "2026-W14", "Week 14, 2026"),
        (dt.date(2026, 3, 30), dt.date(2026, 3, 30), "2026-W14", "Week 14, 2026"),
        (dt.date(2027, 1, 3), dt.date(2026, 12, 28), "2026-W53", "Week 53, 2026"),
        (dt.date(2025, 12, 31), dt.date(2025, 12, 29), "2026-W01", "Week 1, 2026"),
    ],
)
def test_a_day_is_in_its_iso_week(day: dt.date, monday: dt.date, name: str, said: str) -> None:
    assert (weeks.monday_of(day), weeks.name_of(day), weeks.said(name)) == (monday, name, said)


def test_the_week_that_is_over_is_the_one_before_this_one() -> None:
    assert weeks.last_over(dt.date(2026, 4, 5)) == dt.date(2026, 3, 23)
    assert weeks.last_over(dt.date(2026, 4, 6)) == dt.date(2026, 3, 30)


def test_owed_is_what_is_over_and_not_frozen_since_the_first_data() -> None:
    today, monday = dt.date(2026, 4, 6), dt.date(2026, 3, 30)
    assert weeks.owed(None, today, set()) == ([], 0)
    assert weeks.owed(dt.date(2026, 4, 6), today, set()) == ([], 0)
    assert weeks.owed(dt.date(2026, 4, 5), today, set()) == ([monday], 0)
    assert weeks.owed(dt.date(2026, 3, 17), today, {dt.date(2026, 3, 23)}) == ([dt.date(2026, 3, 16), monday], 0)


def test_of_many_the_newest_eight_are_owed_and_the_others_are_counted() -> None:
    today = dt.date(2026, 4, 6)
    owed, left = weeks.owed(today - 10 * A_WEEK, today, set())
    assert (len(owed), owed[-1], owed[0], left) == (8, dt.date(2026, 3, 30), dt.date(2026, 2, 9), 2)
