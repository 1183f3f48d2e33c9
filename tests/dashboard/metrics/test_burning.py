from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zbmaint.dashboard.metrics.burning import WINDOWS, Piece, burn_rates, outside

NOW, MINUTE, INTERVAL = 1_775_476_800.0, 60.0, 30.0
minutes = some.lists(some.integers(0, 400), min_size=2, max_size=12, unique=True).map(sorted)


def ago(number: float) -> float:
    return NOW - number * MINUTE


def up_but(down_from: float, down_to: float) -> list[Piece]:
    """Known for three days, and down between so many minutes ago."""
    days = 3 * 1440
    return [
        Piece(ago(days), ago(down_from), False),
        Piece(ago(down_from), ago(down_to), True),
        Piece(ago(down_to), NOW, False),
    ]


def test_a_rate_is_the_share_of_down_time_in_shares_that_are_allowed() -> None:
    rates = burn_rates(up_but(10, 4), NOW, 0.999, INTERVAL)
    assert set(rates) == set(WINDOWS)
    expected = {"5m": 1 / 5, "30m": 6 / 30, "1h": 6 / 60, "2h": 6 / 120, "6h": 6 / 360, "1d": 6 / 1440, "3d": 6 / 4320}
    for window, share in expected.items():
        assert rates[window] == pytest.approx(share / 0.001)


def test_what_is_hardly_known_says_nothing() -> None:
    pieces = [Piece(ago(4), NOW, True)]
    assert burn_rates(pieces, NOW, 0.99, INTERVAL) == {}
    assert set(burn_rates([Piece(ago(5), NOW, True)], NOW, 0.99, INTERVAL)) == set(WINDOWS)
    assert "5m" not in burn_rates(up_but(10, 4), NOW, 0.99, 60.0)


@given(
    some.lists(some.integers(0, 5000), min_size=2, max_size=30, unique=True).map(sorted),
    some.lists(some.booleans(), min_size=29, max_size=29),
    some.sets(some.integers(0, 28)),
)
def test_rates_are_what_each_window_for_itself_says(edges: list[int], states: list[bool], gaps: set[int]) -> None:
    pieces = [
        Piece(ago(5000 - begin - 7), ago(5000 - end - 7), down)
        for number, (begin, end, down) in enumerate(zip(edges, edges[1:], states, strict=False))
        if number not in gaps
    ]
    expected = {}
    for window, length in WINDOWS.items():
        parts = [(min(piece.ends, NOW) - max(piece.begins, NOW - length), piece.down) for piece in pieces]
        known = sum(part for part, _ in parts if part > 0)
        if known >= 10 * INTERVAL - 0.001:
            expected[window] = pytest.approx(sum(part for part, down in parts if part > 0 and down) / known / 0.01)
    assert burn_rates(pieces, NOW, 0.99, INTERVAL) == expected


def test_an_objective_that_allows_nothing_has_no_rate() -> None:
    assert burn_rates(up_but(10, 4), NOW, 1.0, INTERVAL) == {}


@given(minutes, some.lists(some.booleans(), min_size=11, max_size=11), some.lists(minutes, max_size=4))
def test_maintenance_is_taken_out_minute_by_minute(
    edges: list[int], states: list[bool], windows: list[list[int]]
) -> None:
    start = NOW - 400 * MINUTE
    pieces = [
        Piece(start + begin * MINUTE, start + end * MINUTE, down)
        for begin, end, down in zip(edges, edges[1:], states, strict=False)
    ]
    taken = [(start + window[0] * MINUTE, start + window[-1] * MINUTE) for window in windows]
    left = outside(pieces, taken)
    for down in (True, False):
        kept = sum((piece.ends - piece.begins) // MINUTE for piece in left if piece.down == down)
        expected = sum(
            1
            for minute in range(400)
            if any(piece.begins <= start + minute * MINUTE < piece.ends and piece.down == down for piece in pieces)
            and not any(window[0] <= minute < window[-1] for window in windows)
        )
        assert kept == expected
