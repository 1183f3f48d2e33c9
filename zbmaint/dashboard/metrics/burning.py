"""How fast services use up their error budgets: pure sums of time, in seconds of Unix time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

Interval = tuple[float, float]
# The spans over which burn rates are told, in seconds.
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
# Fewer readings than this say nothing about a window.
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
    its budget up exactly). A window of which fewer than ten readings are known is left out; so are all when the
    objective allows nothing."""
    if slo >= 1:
        return {}
    rates = {}
    for window, length in WINDOWS.items():
        since, known, down = now - length, 0.0, 0.0
        for piece in pieces:
            part = min(piece.ends, now) - max(piece.begins, since)
            if part > 0:
                known += part
                down += part if piece.down else 0
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
