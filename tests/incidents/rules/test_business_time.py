"""Business time against an oracle that walks through UTC minute by minute and asks the zone what the wall says."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from incidents.rules.business_time import (
    ALWAYS,
    Calendar,
    Hours,
    NeverOpen,
    Span,
    after,
    from_stored,
    merged,
    worked,
)

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
OFFICE: tuple[Hours, ...] = (((8 * 60, 17 * 60),),) * 5 + ((), ())

# Zones with days near which something happens to the clock, or nothing.
PLACES = [
    ("UTC", "2026-06-03"),
    ("Europe/Berlin", "2026-03-29"),  # 02:00 to 03:00
    ("Europe/Berlin", "2026-10-25"),  # 03:00 to 02:00
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Africa/Harare", "2026-04-18"),  # never
    ("Asia/Kathmandu", "2026-08-01"),  # 5 h 45 min ahead
    ("Australia/Lord_Howe", "2026-04-05"),  # by half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Africa/Cairo", "2026-04-24"),  # at midnight: a day without its first hour
    ("Africa/Cairo", "2026-10-30"),  # at midnight: the day before has its last hour twice
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),  # 01:00 to 00:00
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Beirut", "2026-10-25"),
    ("Africa/Casablanca", "2026-02-15"),  # the other way round, for Ramadan
    ("Africa/Casablanca", "2026-03-22"),
    ("Pacific/Apia", "2011-12-30"),  # a day that was left out
    ("Pacific/Chatham", "2026-09-27"),
]
EDGES = [0, 30, 60, 90, 120, 150, 180, 210, 480, 481, 735, 1020, 1380, 1410, 1439, 1440]


@cache
def walls(zone: str, day: dt.date) -> list[tuple[dt.date, int]]:
    """What the wall says, as a date and a minute of it, at the start of every minute of a day in UTC."""
    begin = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    seen = [(begin + number * MINUTE).astimezone(zoneinfo.ZoneInfo(zone)) for number in range(1440)]
    return [(wall.date(), wall.hour * 60 + wall.minute) for wall in seen]


def walk(calendar: Calendar, start: dt.datetime, pauses: list[Span], minutes: int) -> list[dt.datetime]:
    """The minutes, of that many from `start` on, in which somebody works; each by its beginning."""
    start = start.astimezone(dt.UTC)
    found = []
    for number in range(minutes):
        at = start + number * MINUTE
        day, minute = walls(calendar.zone, at.date())[at.hour * 60 + at.minute]
        hours = [(0, 1440)] if not calendar.week else calendar.week[day.weekday()]
        shut = bool(calendar.week) and day in calendar.holidays
        if shut or not any(begin <= minute < end for begin, end in hours):
            continue
        if not any(begin <= at < end for begin, end in pauses):
            found.append(at)
    return found


@st.composite
def hours_of_a_day(draw: st.DrawFn) -> Hours:
    edges = sorted(draw(st.sets(st.sampled_from(EDGES), max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, dt.datetime, int, list[Span]]:
    """A calendar, a start near a change of the clock, how many minutes to look at, pauses."""
    zone, day = draw(st.sampled_from(PLACES))
    noon = dt.datetime.fromisoformat(f"{day}T12:00+00:00")
    week = draw(st.one_of(st.just(()), st.just(OFFICE), st.tuples(*[hours_of_a_day()] * 7).filter(any)))
    holidays = draw(st.sets(st.integers(-4, 6), max_size=3))
    calendar = Calendar(zone, week, frozenset(noon.date() + number * DAY for number in holidays))
    start = noon + draw(st.integers(-4 * 1440, 1440)) * MINUTE
    if draw(st.booleans()):
        start = start.astimezone(zoneinfo.ZoneInfo(zone))
    minutes = draw(st.integers(0, 6 * 1440))
    pauses = []
    for begin, length in draw(st.lists(st.tuples(st.integers(-600, 8000), st.integers(0, 4000)), max_size=4)):
        at = start.astimezone(dt.UTC) + begin * MINUTE
        pauses.append((at, at + length * MINUTE))
    if draw(st.booleans()) and pauses:
        pauses[-1] = (pauses[-1][0].astimezone(start.tzinfo), pauses[-1][1] + 30 * DAY)  # one that goes on
    return calendar, start, minutes, pauses


patient = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@patient
@given(situations())
def test_what_is_worked_is_what_the_wall_shows(situation: tuple[Calendar, dt.datetime, int, list[Span]]) -> None:
    calendar, start, minutes, pauses = situation
    end = start.astimezone(dt.UTC) + minutes * MINUTE
    assert worked(calendar, start, end, pauses) == len(walk(calendar, start, pauses, minutes)) * MINUTE


@patient
@given(situations(), st.floats(0, 1, exclude_min=True))
def test_an_amount_has_passed_when_that_many_minutes_were_worked(
    situation: tuple[Calendar, dt.datetime, int, list[Span]], share: float
) -> None:
    calendar, start, minutes, pauses = situation
    found = walk(calendar, start, pauses, minutes)
    assume(found)
    amount = max(1, round(len(found) * share))
    moment = after(calendar, start, amount * MINUTE, pauses)
    assert moment == found[amount - 1] + MINUTE
    assert moment.tzinfo is dt.UTC


@patient
@given(situations(), st.integers(1, 200_000), st.integers(0, 500_000))
def test_to_the_second_it_adds_up(
    situation: tuple[Calendar, dt.datetime, int, list[Span]], seconds: int, later: int
) -> None:
    calendar, start, _, pauses = situation
    start = start.astimezone(dt.UTC) + dt.timedelta(seconds=seconds % 60, microseconds=seconds)
    middle = start + dt.timedelta(seconds=seconds)
    end = middle + dt.timedelta(seconds=later)
    parts = worked(calendar, start, middle, pauses) + worked(calendar, middle, end, pauses)
    assert worked(calendar, start, end, pauses) == parts
    if parts:
        moment = after(calendar, start, parts, pauses)
        assert moment <= end
        assert worked(calendar, start, moment, pauses) == parts
        assert worked(calendar, start, moment - dt.timedelta(microseconds=1), pauses) < parts


def at(text: str, zone: str = "UTC") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


def office(zone: str = "UTC", *holidays: str) -> Calendar:
    """Monday to Friday, 8 to 17."""
    return Calendar(zone, OFFICE, frozenset(map(dt.date.fromisoformat, holidays)))


CASES = [
    # what, calendar, start, hours, pauses, due
    ("around the clock", ALWAYS, "2026-06-05T22:00", 4, [], "2026-06-06T02:00"),
    ("within one day", office(), "2026-06-03T09:00", 4, [], "2026-06-03T13:00"),
    ("to the very end of a day", office(), "2026-06-03T13:00", 4, [], "2026-06-03T17:00"),
    ("over night", office(), "2026-06-03T15:00", 4, [], "2026-06-04T10:00"),
    ("created before hours", office(), "2026-06-03T05:00", 1, [], "2026-06-03T09:00"),
    ("created after hours", office(), "2026-06-03T20:00", 1, [], "2026-06-04T09:00"),
    ("created at the weekend", office(), "2026-06-06T12:00", 1, [], "2026-06-08T09:00"),
    ("over a weekend", office(), "2026-06-05T16:00", 4, [], "2026-06-08T11:00"),
    ("created on a holiday", office("UTC", "2026-06-03"), "2026-06-03T09:00", 1, [], "2026-06-04T09:00"),
    ("over a holiday", office("UTC", "2026-06-04"), "2026-06-03T16:00", 4, [], "2026-06-05T11:00"),
    (
        "holidays beside a weekend",
        office("UTC", "2026-12-24", "2026-12-25", "2026-12-28"),
        "2026-12-23T16:00",
        2,
        [],
        "2026-12-29T09:00",
    ),
    (
        "paused over a weekend: it moves by the hours that would have been worked",
        office(),
        "2026-06-05T15:00",
        4,
        [("2026-06-05T16:00", "2026-06-08T09:00")],
        "2026-06-08T12:00",
    ),
    (
        "paused on Saturday only: it does not move at all",
        office(),
        "2026-06-05T15:00",
        4,
        [("2026-06-06T00:00", "2026-06-07T00:00")],
        "2026-06-08T10:00",
    ),
    (
        "pauses that overlap count once",
        ALWAYS,
        "2026-06-05T10:00",
        4,
        [("2026-06-05T11:00", "2026-06-05T13:00"), ("2026-06-05T12:00", "2026-06-05T14:00")],
        "2026-06-05T17:00",
    ),
    ("paused after it was due", ALWAYS, "2026-06-05T10:00", 1, [("2026-06-05T11:00", "2026-06-05T13:00")], None),
]


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "pauses", "due"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_when_it_is_due(
    calendar: Calendar, start: str, hours: int, pauses: list[tuple[str, str]], due: str | None
) -> None:
    spans = [(at(begin), at(end)) for begin, end in pauses]
    expected = at(due) if due else at(start) + hours * HOUR
    assert after(calendar, at(start), hours * HOUR, spans) == expected


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("Europe/Berlin", "2026-03-29T00:00", "2026-03-30T00:00", 23),
        ("Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00", 25),
        ("Australia/Lord_Howe", "2026-04-05T00:00", "2026-04-06T00:00", 24.5),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-25T00:00", 23),
        ("Africa/Harare", "2026-03-29T00:00", "2026-03-30T00:00", 24),
    ],
)
def test_a_whole_day_is_as_long_as_it_is(zone: str, start: str, end: str, hours: float) -> None:
    all_day = Calendar(zone, (((0, 1440),),) * 7)
    assert worked(all_day, at(start, zone), at(end, zone)) == hours * HOUR


def test_an_hour_that_does_not_exist_is_not_worked_and_one_that_comes_twice_is_worked_twice() -> None:
    night = Calendar("Europe/Berlin", (((120, 180),),) * 7)  # 02:00 to 03:00
    assert worked(night, at("2026-03-28T12:00"), at("2026-03-29T12:00")) == 0 * HOUR
    assert worked(night, at("2026-10-24T12:00"), at("2026-10-25T12:00")) == 2 * HOUR
    assert after(night, at("2026-03-28T12:00"), HOUR) == at("2026-03-30T01:00")


def test_office_hours_follow_the_wall_and_not_utc() -> None:
    assert after(office("Europe/Berlin"), at("2026-03-27T12:00"), 5 * HOUR) == at("2026-03-30T07:00")  # 9:00 there
    assert after(office("Europe/Berlin"), at("2026-10-23T12:00"), 4 * HOUR) == at("2026-10-26T08:00")  # 9:00 there


def test_backwards_nothing_is_worked() -> None:
    assert worked(ALWAYS, at("2026-06-03T10:00"), at("2026-06-03T09:00")) == 0 * HOUR
    assert worked(office(), at("2026-06-03T10:00"), at("2026-06-03T09:00")) == 0 * HOUR


def test_nothing_has_passed_at_once_also_outside_of_hours() -> None:
    assert after(office(), at("2026-06-06T10:00"), 0 * HOUR) == at("2026-06-06T10:00")
    assert after(office(), at("2026-06-06T10:00"), -HOUR) == at("2026-06-06T10:00")


def test_more_than_five_years_are_counted_and_no_target_waits_that_long() -> None:
    assert worked(ALWAYS, at("2026-01-01T00:00"), at("2036-01-01T00:00")) == 3652 * DAY
    for amount in (2000 * DAY, 400_000 * DAY):
        with pytest.raises(NeverOpen):
            after(ALWAYS, at("2026-01-01T00:00"), amount)
    with pytest.raises(NeverOpen):
        after(Calendar("UTC", (((0, 1),), *[()] * 6)), at("2026-01-01T00:00"), 72 * HOUR)


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (((480, 1020),),) * 6,
        (((1020, 480),),) * 7,
        (((480, 480),),) * 7,
        (((480, 720), (720, 900)),) * 7,
        (((480, 720), (600, 900)),) * 7,
        (((-1, 720),),) * 7,
        (((480, 1441),),) * 7,
    ],
    ids=["never", "six days", "backwards", "without length", "touching", "overlapping", "before 0", "after 24"],
)
def test_it_refuses_a_week_that_is_none(week: tuple[Hours, ...]) -> None:
    with pytest.raises(ValueError, match=r"week|hours"):
        Calendar("UTC", week)


def test_a_calendar_is_stored_and_read_back() -> None:
    calendar = office("Africa/Harare", "2026-04-18", "2026-12-25")
    assert from_stored(calendar.stored()) == calendar
    assert calendar.stored()["holidays"] == ["2026-04-18", "2026-12-25"]
    assert ALWAYS.stored() == {}
    assert from_stored({}) is ALWAYS


def test_spans_that_meet_become_one_also_in_an_hour_that_comes_twice() -> None:
    first = at("2026-10-25T02:50", "Europe/Berlin")  # 00:50 UTC
    second = at("2026-10-25T02:10", "Europe/Berlin").replace(fold=1)  # 01:10 UTC
    assert merged([(first, second), (second, second)]) == [(at("2026-10-25T00:50"), at("2026-10-25T01:10"))]
    touching = [(at("2026-06-03T12:00"), at("2026-06-03T13:00")), (at("2026-06-03T11:00"), at("2026-06-03T12:00"))]
    assert merged(touching) == [(at("2026-06-03T11:00"), at("2026-06-03T13:00"))]
