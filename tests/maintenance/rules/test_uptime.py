"""Totals of a stretch of time against a walk through it, one moment after the other."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from maintenance.rules import uptime
from maintenance.rules.probe_states import DEGRADED, DOWN, UNKNOWN, UP
from maintenance.rules.uptime import LEAST_KNOWN, Service, Stretch, Totals, Window, pieces, together, totals

END = 40
SECOND, MINUTE, HOUR = 10**6, 60 * 10**6, 3600 * 10**6


@some.composite
def a_service(draw: some.DrawFn) -> Service:
    """Stretches in order, with gaps; windows wherever they like, also over each other; a life of any length."""
    edges = draw(some.lists(some.integers(-5, END + 5), unique=True, max_size=10).map(sorted))
    stretches = []
    for begins, ends in itertools.pairwise(edges):
        state = draw(some.sampled_from((UP, UP, DEGRADED, DOWN, UNKNOWN)))
        if state != UNKNOWN:
            stretches.append(Stretch(state, begins, ends))
    moments = some.integers(-5, END + 5)
    windows = [
        Window(begins, begins + length, approved)
        for begins, length, approved in draw(some.lists(some.tuples(moments, some.integers(1, 15), moments)))
    ]
    gone = draw(some.none() | moments)
    return Service(draw(some.integers(-10, 15)), gone, stretches, windows)


def state_at(service: Service, at: int) -> tuple[str, str] | None:
    """State and relation to maintenance in the unit of time that begins at `at`; None while it did not exist."""
    if at < service.begins or (service.ends is not None and at >= service.ends):
        return None
    state, since = UNKNOWN, at
    for stretch in service.stretches:
        if stretch.begins <= at < stretch.ends:
            state, since = stretch.state, stretch.begins
    approvals = [window.approved for window in service.windows if window.begins <= at < window.ends]
    if not approvals:
        return state, "outside"
    return state, "erased" if state == DOWN and min(approvals) > since else "inside"


def added_up(seen: list[tuple[str, str]]) -> Totals:
    count = Counter(seen)
    states = Counter(state for state, _ in seen)
    return Totals(
        up=states[UP] + states[DEGRADED],
        degraded=states[DEGRADED],
        down=states[DOWN],
        unknown=states[UNKNOWN],
        net_up=count[UP, "outside"] + count[DEGRADED, "outside"],
        net_down=count[DOWN, "outside"],
        maintenance=sum(1 for _, where in seen if where != "outside"),
        erased=sum(1 for _, where in seen if where == "erased"),
    )


def system_at(services: list[Service], at: int) -> tuple[str, str] | None:
    seen = [found for service in services if (found := state_at(service, at)) is not None]
    if not seen:
        return None
    if any(state == DOWN for state, _ in seen):
        state = DOWN
    elif any(state == UNKNOWN for state, _ in seen):
        state = UNKNOWN
    else:
        state = DEGRADED if any(state == DEGRADED for state, _ in seen) else UP
    if (DOWN, "outside") in seen or all(where == "outside" for _, where in seen):
        return state, "outside"
    return state, "erased" if (DOWN, "erased") in seen else "inside"


@given(a_service(), some.integers(-5, END), some.integers(-5, END))
def test_a_service_is_what_a_walk_through_its_time_finds(service: Service, begins: int, ends: int) -> None:
    walked = [seen for at in range(begins, ends) if (seen := state_at(service, at)) is not None]
    found = totals(pieces(service, begins, ends))
    assert found == added_up(walked)
    assert found.existing == len(walked)
    assert found.erased <= found.down - found.net_down
    assert found.degraded <= found.up


@given(some.lists(a_service(), max_size=4))
def test_the_system_is_what_a_walk_through_the_time_of_all_finds(services: list[Service]) -> None:
    walked = [found for at in range(END) if (found := system_at(services, at)) is not None]
    assert totals(together([pieces(service, 0, END) for service in services])) == added_up(walked)


@given(a_service(), some.lists(some.integers(0, END), max_size=4))
def test_parts_of_a_period_add_up_to_it(service: Service, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), END]
    parts = [totals(pieces(service, begins, ends)) for begins, ends in itertools.pairwise(edges)]
    assert sum(parts, Totals()) == totals(pieces(service, 0, END))


@given(a_service())
def test_a_system_of_one_service_is_that_service(service: Service) -> None:
    found = pieces(service, 0, END)
    assert totals(together([found])) == totals(found)


class TestWindows:
    """A day of ten units, of which it was down from 4 to 8."""

    STRETCHES = (Stretch(UP, 0, 4), Stretch(DOWN, 4, 8), Stretch(UP, 8, 10))

    def of(self, *windows: Window) -> tuple[int, int, int, int]:
        found = totals(pieces(Service(0, None, self.STRETCHES, windows), 0, 10))
        return found.net_up, found.net_down, found.maintenance, found.erased

    @pytest.mark.parametrize(
        ("windows", "expected"),
        [
            ((), (6, 4, 0, 0)),
            ((Window(4, 8, 1),), (6, 0, 4, 0)),
            # Approved at the very moment in which it went down: still in time.
            ((Window(4, 8, 4),), (6, 0, 4, 0)),
            ((Window(4, 8, 5),), (6, 0, 4, 4)),
            ((Window(6, 8, 5),), (6, 2, 2, 2)),
            ((Window(2, 6, 1), Window(5, 9, 2)), (3, 0, 7, 0)),
            ((Window(2, 6, 1), Window(5, 9, 9)), (3, 0, 7, 2)),
            ((Window(0, 4, 9),), (2, 4, 4, 0)),
            ((Window(20, 30, 1),), (6, 4, 0, 0)),
        ],
    )
    def test_what_they_take_out(self, windows: tuple[Window, ...], expected: tuple[int, int, int, int]) -> None:
        assert self.of(*windows) == expected

    def test_down_time_that_began_the_day_before_was_approved_in_time_or_not_by_its_true_beginning(self) -> None:
        service = Service(-100, None, (Stretch(DOWN, -5, 10),), (Window(0, 10, -2),))
        assert totals(pieces(service, 0, 10)).erased == 10

    def test_down_time_behind_a_gap_was_approved_in_time_or_not_by_the_beginning_of_its_outage(self) -> None:
        stretches = (Stretch(DOWN, 0, 3), Stretch(DOWN, 6, 10, fell=0))
        found = totals(pieces(Service(0, None, stretches, (Window(0, 10, 4),)), 0, 10))
        assert (found.down, found.unknown, found.net_down, found.erased) == (7, 3, 0, 7)

    def test_one_of_one_service_does_not_hide_that_another_one_is_down(self) -> None:
        worked_on = Service(0, None, (Stretch(DOWN, 0, 10),), (Window(0, 10, -1),))
        other = Service(0, None, (Stretch(UP, 0, 7), Stretch(DOWN, 7, 10)))
        found = totals(together([pieces(worked_on, 0, 10), pieces(other, 0, 10)]))
        assert (found.down, found.maintenance, found.net_down, found.net_up) == (10, 7, 3, 0)


class TestRatios:
    def test_of_nothing_nothing_is_known(self) -> None:
        for found in (Totals(), Totals(unknown=100), Totals(unknown=60, maintenance=40)):
            assert (found.net, found.gross) == (None, None)
            assert found.burn(0.999) is None
        assert Totals().coverage is None
        assert Totals(unknown=100).coverage == 0
        assert Totals(up=40, maintenance=40).coverage is None

    def test_net_is_without_maintenance_and_gross_with_it(self) -> None:
        stretches = [Stretch(each.state, each.begins * HOUR, each.ends * HOUR) for each in TestWindows.STRETCHES]
        service = Service(0, 16 * HOUR, stretches, (Window(6 * HOUR, 9 * HOUR, 0),))
        found = totals(pieces(service, 0, 20 * HOUR))
        assert found.net == 5 / 7
        assert found.gross == 6 / 10
        assert found.coverage == 7 / 13

    def test_how_fast_the_budget_is_used_up(self) -> None:
        found = Totals(up=998 * HOUR, down=2 * HOUR, net_up=998 * HOUR, net_down=2 * HOUR)
        assert found.burn(0.999) == pytest.approx(2)
        assert found.budget_left(0.99) == pytest.approx(0.8)
        assert found.budget_left(0.999) == pytest.approx(-1)
        assert found.burn(1.0) is None

    @pytest.mark.parametrize(
        ("up", "down", "unknown", "said"),
        [
            (70 * SECOND, 0, 0, None),  # one reading, and the service is new
            (70 * SECOND, 0, 23 * HOUR, None),
            (0, 70 * SECOND, 23 * HOUR, None),
            (LEAST_KNOWN - 1, 0, 0, None),
            (LEAST_KNOWN, 0, 0, 1),
            (0, LEAST_KNOWN, 0, 0),
            (9 * HOUR, 3 * HOUR, 12 * HOUR, 0.75),
            (9 * HOUR, 3 * HOUR, 12 * HOUR + 1, None),
        ],
    )
    def test_of_too_little_none_is_said(self, up: int, down: int, unknown: int, said: float | None) -> None:
        found = Totals(up=up, down=down, unknown=unknown, net_up=up, net_down=down)
        assert (found.net, found.gross) == (said, said)
        assert (found.burn(0.999) is None) == (found.budget_left(0.999) is None) == (said is None)
        assert found.coverage == (up + down) / (up + down + unknown)
        assert (uptime.why_too_little(found.known, found.eligible) == "") == (said is not None)

    @pytest.mark.parametrize(
        ("known", "whole", "why"),
        [
            (0, HOUR, ""),
            (0, 0, ""),
            (14 * MINUTE, 14 * MINUTE, "less than 15 min in all"),
            (14 * MINUTE, HOUR, "less than 15 min in all"),
            (HOUR, 3 * HOUR, "less than half"),
            (HOUR, HOUR, ""),
        ],
    )
    def test_why_none_is_said(self, known: int, whole: int, why: str) -> None:
        assert uptime.why_too_little(known, whole) == why

    def test_it_is_judged_by_the_time_that_it_speaks_of(self) -> None:
        worked_on = Totals(up=24 * HOUR, net_up=10 * MINUTE, maintenance=24 * HOUR - 10 * MINUTE)
        assert (worked_on.net, worked_on.gross) == (None, 1)
        dark = Totals(up=3 * HOUR, unknown=21 * HOUR, net_up=3 * HOUR, maintenance=20 * HOUR)
        assert (dark.net, dark.gross) == (1, None)


def test_a_moment_in_microseconds_is_exact() -> None:
    moment = dt.datetime(2026, 4, 5, 3, 0, 0, 1, tzinfo=dt.UTC)
    assert uptime.instant(moment) == 1_775_358_000_000_001
    assert uptime.instant(moment.astimezone(dt.timezone(dt.timedelta(hours=2)))) == uptime.instant(moment)
