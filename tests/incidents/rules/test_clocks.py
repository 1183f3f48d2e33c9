import datetime as dt

import pytest

from incidents.rules.business_time import ALWAYS, Calendar, Span
from incidents.rules.clocks import Clock, next_threshold, state
from incidents.rules.resolution import Stay

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
NINE = dt.datetime(2026, 6, 5, 9, tzinfo=dt.UTC)  # a Friday
OFFICE = Calendar("UTC", (((8 * 60, 17 * 60),),) * 5 + ((), ()))


def clock(
    hours: float = 4,
    pauses: tuple[Span, ...] = (),
    paused_since: dt.datetime | None = None,
    earlier: tuple[Stay, ...] = (),
    calendar: Calendar = ALWAYS,
) -> Clock:
    return Clock(NINE, hours * HOUR, calendar, pauses, paused_since, earlier)


def test_half_of_the_target_most_of_it_and_all_of_it() -> None:
    assert [clock().at(percent) for percent in (50, 80, 100)] == [NINE + 2 * HOUR, NINE + 192 * MINUTE, NINE + 4 * HOUR]
    assert clock().due == NINE + 4 * HOUR


def test_it_counts_business_time() -> None:
    assert clock(12, calendar=OFFICE).due == NINE + 3 * DAY + 3 * HOUR
    assert clock(12, calendar=OFFICE).used(NINE + 2 * DAY) == 8 * HOUR


def test_what_is_used_grows_with_the_time() -> None:
    assert [clock().used(NINE + hours * HOUR) for hours in (-1, 0, 1, 9)] == [0 * HOUR, 0 * HOUR, HOUR, 9 * HOUR]


def test_a_pause_that_has_ended_moves_what_is_due() -> None:
    paused = clock(pauses=((NINE + HOUR, NINE + 3 * HOUR),))
    assert paused.due == NINE + 6 * HOUR
    assert [paused.used(NINE + hours * HOUR) for hours in (1, 2, 3, 4)] == [HOUR, HOUR, HOUR, 2 * HOUR]


def test_a_pause_that_goes_on_stops_what_had_not_passed_before_it() -> None:
    paused = clock(paused_since=NINE + 3 * HOUR)
    assert [paused.at(percent) for percent in (50, 80, 100)] == [NINE + 2 * HOUR, None, None]
    assert paused.used(NINE + 9 * HOUR) == 3 * HOUR
    assert paused.used(NINE + HOUR) == HOUR


def test_what_passes_at_the_very_moment_of_a_pause_has_passed() -> None:
    assert clock(paused_since=NINE + 4 * HOUR).due == NINE + 4 * HOUR
    assert clock(paused_since=NINE + 4 * HOUR - dt.timedelta(microseconds=1)).due is None


def test_the_overall_clock_goes_on_from_what_earlier_stays_used() -> None:
    stays = (
        Stay(NINE - 9 * DAY, NINE - 9 * DAY + HOUR, ALWAYS),
        Stay(NINE - 2 * HOUR, NINE, ALWAYS, ((NINE - HOUR, NINE),)),
    )
    going_on = clock(8, earlier=stays)
    assert going_on.used(NINE + HOUR) == 3 * HOUR
    assert going_on.due == NINE + 6 * HOUR


def test_what_an_earlier_stay_used_up_was_due_then() -> None:
    stays = (Stay(NINE - 9 * HOUR, NINE - 5 * HOUR, ALWAYS), Stay(NINE - 2 * HOUR, NINE, ALWAYS))
    assert clock(4, earlier=stays).due == NINE - 5 * HOUR
    assert clock(5, earlier=stays).due == NINE - HOUR
    assert clock(6, earlier=stays).due == NINE
    assert clock(7, earlier=stays).due == NINE + HOUR
    assert clock(5, earlier=stays, paused_since=NINE).due == NINE - HOUR


def test_a_target_that_no_calendar_can_hold_still_has_a_moment() -> None:
    rare = Calendar("UTC", (((0, 1),), *[()] * 6))
    assert clock(72, calendar=rare).due == NINE + 1830 * DAY


@pytest.mark.parametrize(
    ("due", "at_risk", "expected"),
    [
        (None, None, "paused"),
        (0, None, "breached"),
        (-5, None, "breached"),
        (1, None, "soon"),
        (30, None, "soon"),
        (31, None, "ok"),
        (31, 0, "soon"),
        (31, 1, "ok"),
    ],
)
def test_what_a_clock_says(due: int | None, at_risk: int | None, expected: str) -> None:
    moments = [None if minutes is None else NINE + minutes * MINUTE for minutes in (due, at_risk)]
    assert state(moments[0], moments[1], NINE) == expected


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ([], (50, NINE + 2 * HOUR)),
        ([50], (80, NINE + 192 * MINUTE)),
        ([50, 80], (100, NINE + 4 * HOUR)),
        ([80, 100], (50, NINE + 2 * HOUR)),
        ([50, 80, 100], None),
    ],
)
def test_what_comes_next(recorded: list[int], expected: tuple[int, dt.datetime] | None) -> None:
    assert next_threshold(clock(), frozenset(recorded)) == expected


def test_while_it_is_paused_nothing_comes() -> None:
    assert next_threshold(clock(paused_since=NINE + HOUR), frozenset()) is None
