"""How fast services use up their error budgets: pure sums of time, in seconds of Unix time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

Interval = tuple[float, float]
# The spans over which burn rates are told, in seconds, the shortest first.
WINDOWS: Final[dict[str, int]] = {
    "5m": 300,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "6h": 6 * 3600,
    "1d": 86400,
    "3d": 3 * 86400,
}
LONGEST: Final = max(WINDOWS.values())
# Less than what so many readings tell says nothing about a window.
READINGS: Final = 10


class Piece(NamedTuple):
    """A stretch of time, and whether the service was down."""

    begins: float
    ends: float
    down: bool


def outside(pieces: Iterable[Piece], taken_out: Iterable[Interval]) -> list[Piece]:
    """What is left of the pieces when these intervals, which may overlap, are taken out."""
    left = list(pieces)
    for begins, ends in taken_out:
        left = [rest for piece in left for rest in _without(piece, begins, ends)]
    return left


def burn_rates(pieces: Sequence[Piece], now: float, slo: float, interval: float) -> dict[str, float]:
    """By window: the share of the known time that the service was down, in shares that its objective allows (1: it uses
    its budget up exactly).

    The pieces are in order and do not overlap. A window of which less is known than ten readings tell is left out; so
    are all when the objective allows nothing.
    """
    if slo >= 1:
        return {}
    rates = {}
    # From the latest piece back, each looked at once: a longer window has what the shorter ones have, and more.
    known = down = 0.0
    at, upto = len(pieces) - 1, now
    for window, length in WINDOWS.items():
        since = now - length
        while at >= 0 and pieces[at].ends > since:
            part = min(pieces[at].ends, upto) - max(pieces[at].begins, since)
            if part > 0:
                known += part
                down += part if pieces[at].down else 0
            if pieces[at].begins < since:
                break  # the rest of it is for the next window
            at -= 1
        upto = since
        # Sums of many parts are a little off.
        if known >= READINGS * interval - 0.001:
            rates[window] = down / known / (1 - slo)
    return rates


def _without(piece: Piece, begins: float, ends: float) -> list[Piece]:
    if ends <= piece.begins or piece.ends <= begins:
        return [piece]
    rest = []
    if piece.begins < begins:
        rest.append(Piece(piece.begins, begins, piece.down))
    if ends < piece.ends:
        rest.append(Piece(ends, piece.ends, piece.down))
    return rest
