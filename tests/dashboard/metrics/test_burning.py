from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zbmaint.dashboard.metrics.burning import WINDOWS, Piece, burn_rates, outside

NOW = dt.datetime(2026, 4, 6, 12, tzinfo=dt.UTC)
MINUTE, INTERVAL = dt.timedelta(minutes=1), dt.timedelta(seconds=30)
minutes = some.lists(some.integers(0, 400), min_size=2, max_size=12, unique=True).map(sorted)


def ago(number: float) -> dt.datetime:
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
    assert "5m" not in burn_rates(up_but(10, 4), NOW, 0.99, dt.timedelta(seconds=60))


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
