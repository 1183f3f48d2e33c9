from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.rules import cron


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(expression: str, zone: str, after: str, count: int) -> list[str]:
    times = itertools.islice(cron.due_times(expression, zone, instant(after)), count)
    return [f"{time:%Y-%m-%d %H:%M}" for time in times]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("every day at 02:00", "0 2 * * *"),
        ("daily 2:05", "5 2 * * *"),
        ("Sunday 03:00", "0 3 * * sun"),
        ("every Sunday at 03:00", "0 3 * * sun"),
        ("First Sunday 04:00", "0 4 * * sun#1"),
        ("first Sunday of the month at 04:00", "0 4 * * sun#1"),
        ("First Sunday of quarter 05:00", "0 5 * 1,4,7,10 sun#1"),
        ("the second tuesday of every month 23:59", "59 23 * * tue#2"),
        ("  0  3 * *  SUN ", "0 3 * * sun"),
    ],
)
def test_words_and_cron_become_one_form(typed: str, expected: str) -> None:
    assert cron.to_cron(typed) == expected


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Say when"),
        ("0 0 0 3 * *", "five fields here"),
        ("0 0 31 2 *", "day of month cannot be"),
        ("0 0 30 2 *", "day of month cannot be"),
        ("61 * * * *", "minute cannot be"),
        ("0 3 * * sun#6", "day of week cannot be"),
        ("R 3 * * *", "minute cannot be"),
        ("first Sunday 25:00", "hour cannot be"),
        ("noon", "nor words that are understood"),
        ("* * * *", "nor words that are understood"),
        ("0 3 * * sun; DROP TABLE", "five fields here|nor words"),
    ],
)
def test_what_means_nothing_is_refused_in_words(typed: str, says: str) -> None:
    with pytest.raises(cron.BadTime, match=says):
        cron.to_cron(typed)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(cron.BadTime, match="IANA time zone"):
        cron.zone(name)


def first_sunday(year: int, month: int) -> dt.date:
    return next(day for day in (dt.date(year, month, d) for d in range(1, 8)) if day.weekday() == 6)


def test_first_sundays_of_2026_to_2030_are_right() -> None:
    monthly = due("0 4 * * sun#1", "UTC", "2025-12-31 23:59", 60)
    assert monthly == [f"{first_sunday(2026 + n // 12, n % 12 + 1)} 04:00" for n in range(60)]
    quarterly = due("0 5 * 1,4,7,10 sun#1", "UTC", "2025-12-31 23:59", 20)
    assert quarterly == [f"{first_sunday(2026 + n // 4, n % 4 * 3 + 1)} 05:00" for n in range(20)]


class TestClockChanges:
    def test_a_time_that_is_left_out_comes_at_the_end_of_the_gap(self) -> None:
        assert due("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", 2) == ["2026-03-29 01:00", "2026-03-30 00:30"]

    def test_a_time_that_comes_twice_is_due_once(self) -> None:
        assert due("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", 2) == ["2026-10-25 00:30", "2026-10-26 01:30"]

    def test_half_hours_come_every_half_hour_through_the_change(self) -> None:
        times = due("*/30 * * * *", "Europe/Berlin", "2026-10-25 00:00", 4)
        assert times == ["2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30", "2026-10-25 02:00"]


@given(
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2031, 1, 1)),  # noqa: DTZ001  # the strategy takes naive bounds
    st.sampled_from(["0 2 * * *", "30 2 * * *", "0 3 * * sun", "0 4 * * sun#1", "15 1,2 * * *"]),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Africa/Harare", "Australia/Lord_Howe"]),
)
def test_due_times_always_go_forward(start: dt.datetime, expression: str, zone: str) -> None:
    after = start.replace(tzinfo=dt.UTC)
    times = list(itertools.islice(cron.due_times(expression, zone, after), 5))
    assert times == sorted(set(times))
    assert times[0] > after


def test_asking_again_from_a_due_time_gives_the_next_one_and_none_is_lost() -> None:
    all_at_once = due("30 2 * * *", "Europe/Berlin", "2026-03-20 00:00", 20)
    one_by_one, after = [], "2026-03-20 00:00"
    for _ in range(20):
        (after,) = due("30 2 * * *", "Europe/Berlin", after, 1)
        one_by_one.append(after)
    assert one_by_one == all_at_once


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 3 * * sun", "At 03:00 on Sunday"),
        ("0 4 * * sun#1", "At 04:00 on the first Sunday of the month"),
    ],
)
def test_the_cron_in_words(expression: str, words: str) -> None:
    assert cron.in_words(expression) == words
