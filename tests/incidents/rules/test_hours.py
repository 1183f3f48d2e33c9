"""Hours, holidays and lengths as people type them."""

from __future__ import annotations

import datetime as dt

import pytest

from incidents.rules import hours, lengths, targets
from incidents.rules.business_time import Calendar
from incidents.rules.hours import BadHours
from incidents.rules.lengths import BadLength


@pytest.mark.parametrize(
    ("typed", "minutes", "written"),
    [
        ("", [], ""),
        ("08:00-17:00", [[480, 1020]], "08:00-17:00"),
        (" 8:00 – 12:00 ,13:00-17:00,", [[480, 720], [780, 1020]], "08:00-12:00, 13:00-17:00"),
        ("00:00-24:00", [[0, 1440]], "00:00-24:00"),
        ("08:00-12:00, 12:00-17:00", [[480, 1020]], "08:00-17:00"),
    ],
)
def test_hours_are_read_and_written(typed: str, minutes: list[list[int]], written: str) -> None:
    assert hours.read(typed) == minutes
    assert hours.written(minutes) == written


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("8-17", "“8-17” is no span of hours"),
        ("always", "“always” is no span of hours"),
        ("08:00-12:00 13:00-17:00", "is no span of hours"),
        ("17:00-08:00", "“17:00-08:00” ends before it begins"),
        ("08:00-08:00", "ends before it begins"),
        ("08:00-12:00, 11:00-13:00", "“11:00-13:00” begins before 12:00"),
        ("13:00-17:00, 08:00-12:00", "begins before 17:00"),
        ("08:00-25:00", "25:00 is no time of day"),
        ("08:60-12:00", "08:60 is no time of day"),
        ("00:00-24:01", "24:01 is no time of day"),
    ],
)
def test_wrong_hours_are_refused_by_the_span(typed: str, says: str) -> None:
    with pytest.raises(BadHours, match=says):
        hours.read(typed)


def test_holidays_are_read_in_order() -> None:
    read = hours.read_holidays(["2026-12-25 Christmas Day", "2026-04-03"])
    assert read == [["2026-04-03", ""], ["2026-12-25", "Christmas Day"]]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Christmas", "“Christmas” does not begin with a date"),
        ("2026-02-30 Never", "“2026-02-30 Never” does not begin with a date"),
        ("20261225 Christmas", "does not begin with a date"),
        ("2026-12-25 Again", "2026-12-25 stands here twice"),
        (f"2026-12-26 {'x' * 81}", "more than 80 characters"),
    ],
)
def test_a_wrong_holiday_is_refused_by_its_line(line: str, says: str) -> None:
    with pytest.raises(BadHours, match=says):
        hours.read_holidays(["2026-12-25 Christmas Day", line])


def test_a_calendar_has_a_bounded_number_of_holidays() -> None:
    days = [f"{2026 + number // 28}-01-{number % 28 + 1:02}" for number in range(201)]
    with pytest.raises(BadHours, match="at most 200"):
        hours.read_holidays(days)


@pytest.mark.parametrize(
    ("typed", "minutes", "written"),
    [
        ("15 min", 15, "15 min"),
        ("4 h", 240, "4 h"),
        ("4hours", 240, "4 h"),
        ("2 days", 2880, "48 h"),
        ("1 day", 1440, "24 h"),
        ("1 h 30 min", 90, "1 h 30 min"),
        ("1h, 30 minutes", 90, "1 h 30 min"),
        ("365 days", 525600, "8760 h"),
    ],
)
def test_lengths_are_read_and_written(typed: str, minutes: int, written: str) -> None:
    assert lengths.read(typed) == minutes
    assert lengths.written(minutes) == written
    assert lengths.read(written) == minutes


@pytest.mark.parametrize("typed", ["15", "soon", "-5 min", "4 h or so", "1.5 h", "0 min", "366 days", "4 hs1"])
def test_what_is_no_length_is_refused_in_words(typed: str) -> None:
    with pytest.raises(BadLength, match=f"“{typed}” is "):
        lengths.read(typed)


def test_a_resolution_does_not_come_before_the_response() -> None:
    assert targets.why_not_resolution(60, None) is None
    assert targets.why_not_resolution(60, 60) is None
    assert targets.why_not_resolution(60, 59) == "Nothing is resolved before the response: 1 h or more, or nothing."


def test_a_target_longer_than_a_calendar_can_keep_is_refused() -> None:
    hour_a_week = Calendar("UTC", (((480, 540),), (), (), (), (), (), ()))
    now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    assert targets.why_not_in(hour_a_week, 72 * 60, now) is None
    assert "too seldom for a target of 240 h" in (targets.why_not_in(hour_a_week, 240 * 60, now) or "")
