"""How fast services use up their error budgets: pure sums of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Interval = tuple[dt.datetime, dt.datetime]
# The spans over which burn rates are told.
WINDOWS: Final[dict[str, dt.timedelta]] = {
    "5m": dt.timedelta(minutes=5),
    "30m": dt.timedelta(minutes=30),
    "1h": dt.timedelta(hours=1),
    "2h": dt.timedelta(hours=2),
    "6h": dt.timedelta(hours=6),
    "1d": dt.timedelta(days=1),
    "3d": dt.timedelta(days=3),
}
LONGEST: Final = max(WINDOWS.values())
# Fewer readings than this say nothing about a window.
READINGS: Final = 10


@dataclass(frozen=True)
class Piece:
    """A stretch of time, and whether the service was down."""

    begins: dt.datetime
    ends: dt.datetime
    down: bool


def outside(pieces: Iterable[Piece], taken_out: Iterable[Interval]) -> list[Piece]:
    """What is left of the pieces when these intervals, which may overlap, are taken out."""
    left = list(pieces)
    for begins, ends in taken_out:
        left = [rest for piece in left for rest in _without(piece, begins, ends)]
    return left


def burn_rates(pieces: Sequence[Piece], now: dt.datetime, slo: float, interval: dt.timedelta) -> dict[str, float]:
    """By window: the share of the known time that the service was down, in shares that its objective allows (1: it uses
    its budget up exactly). A window of which fewer than ten readings are known is left out; so are all when the
    objective allows nothing."""
    if slo >= 1:
        return {}
    rates = {}
    for window, length in WINDOWS.items():
        known = _length(pieces, now - length, now)
        if known >= READINGS * interval:
            down = _length([piece for piece in pieces if piece.down], now - length, now)
            rates[window] = down / known / (1 - slo)
    return rates


def _length(pieces: Iterable[Piece], begins: dt.datetime, ends: dt.datetime) -> dt.timedelta:
    parts = (min(piece.ends, ends) - max(piece.begins, begins) for piece in pieces)
    return sum((part for part in parts if part > dt.timedelta(0)), dt.timedelta(0))


def _without(piece: Piece, begins: dt.datetime, ends: dt.datetime) -> list[Piece]:
    if ends <= piece.begins or piece.ends <= begins:
        return [piece]
    rest = []
    if piece.begins < begins:
        rest.append(Piece(piece.begins, begins, piece.down))
    if ends < piece.ends:
        rest.append(Piece(ends, piece.ends, piece.down))
    return rest
