"""How long a service was up and down in a period, and the ratios of it. Pure; exact to the microsecond.

Instants are whole microseconds since 1970 began in UTC (`instant` makes them), lengths whole microseconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from maintenance.rules.probe_states import DEGRADED, DOWN, UNKNOWN, UP

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
STATES: Final = (UP, DEGRADED, DOWN, UNKNOWN)
# An uptime is said when at least this share of the time is known, and so many microseconds in all: one reading after an
# hour of silence would be 100 %, or 0.
LEAST_COVERAGE: Final = 0.5
LEAST_KNOWN: Final = 15 * 60 * 1_000_000

# How a piece of time lies to maintenance that was approved: outside, inside, or down time that was inside only because
# of an approval that came after it had begun.
OUTSIDE, INSIDE, ERASED = range(3)


def instant(moment: dt.datetime) -> int:
    """A moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begins` until `ends` it was up, degraded or down. `fell`: when the outage began that it is a part of, which
    was down already before a gap in which nothing was known; None: with this stretch."""

    state: str
    begins: int
    ends: int
    fell: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Maintenance from `begins` until `ends`; it was approved at `approved`."""

    begins: int
    ends: int
    approved: int


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a service, which existed from `begins` until `ends` (None: it still does).

    `stretches` are in order and do not overlap, each with its true beginning and end; between them nothing is known.
    `windows` are the approved ones, in any order.
    """

    begins: int
    ends: int | None
    stretches: Sequence[Stretch]
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of time of a service, in one state and of one relation to maintenance (OUTSIDE, INSIDE, ERASED)."""

    begins: int
    ends: int
    state: str
    maintenance: int = OUTSIDE


@dataclass(frozen=True, slots=True)
class Totals:
    """Microseconds of each state: the columns of a ServiceDay, whose docstring says what they mean."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    net_up: int = 0
    net_down: int = 0
    maintenance: int = 0
    erased: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def existing(self) -> int:
        """How long it existed."""
        return self.up + self.down + self.unknown

    @property
    def known(self) -> int:
        """How long it was seen up or down, outside maintenance."""
        return self.net_up + self.net_down

    @property
    def eligible(self) -> int:
        """How long it existed outside maintenance."""
        return self.existing - self.maintenance

    @property
    def net(self) -> float | None:
        """The uptime outside approved maintenance, 0 to 1; None when too little is known."""
        return self.net_up / self.known if is_enough(self.known, self.eligible) else None

    @property
    def gross(self) -> float | None:
        """The uptime as observed, maintenance included, 0 to 1; None when too little is known."""
        seen = self.up + self.down
        return self.up / seen if is_enough(seen, self.existing) else None

    @property
    def coverage(self) -> float | None:
        """For which share of the time outside maintenance something is known; None when there is no such time."""
        return self.known / self.eligible if self.eligible else None

    def burn(self, slo: float) -> float | None:
        """How fast the error budget of the SLO (0 to 1) is used up: 1 is just as fast as it may be.

        None when too little is known for an uptime, or when the SLO leaves no budget.
        """
        if slo >= 1 or not is_enough(self.known, self.eligible):
            return None
        return self.net_down / self.known / (1 - slo)

    def budget_left(self, slo: float) -> float | None:
        """The share of the error budget that is left, below 0 when it is overdrawn; None as with `burn`."""
        burned = self.burn(slo)
        return None if burned is None else 1 - burned


def why_too_little(known: int, whole: int) -> str:
    """Why an uptime of it is not said, in a few words; empty when it is, or when there is nothing to be said of."""
    if is_enough(known, whole) or not known:
        return ""
    return f"less than {LEAST_KNOWN // 60_000_000} min in all" if known < LEAST_KNOWN else "less than half"


def is_enough(known: int, whole: int) -> bool:
    """Whether so much of the whole time is known that an uptime of it may be said; both are microseconds."""
    return known >= LEAST_KNOWN and known >= LEAST_COVERAGE * whole


def pieces(service: Service, begins: int, ends: int) -> list[Piece]:
    """The time from `begins` to `ends` in which the service existed, without gaps or overlaps, in order."""
    begins = max(begins, service.begins)
    ends = ends if service.ends is None else min(ends, service.ends)
    if begins >= ends:
        return []
    windows = [window for window in service.windows if window.begins < ends and window.ends > begins]
    found: list[Piece] = []
    at = begins
    for stretch in service.stretches:
        since, until = max(stretch.begins, at), min(stretch.ends, ends)
        if since >= until:
            continue
        if since > at:
            found += _cut(Piece(at, since, UNKNOWN), windows, at)
        fell = stretch.begins if stretch.fell is None else stretch.fell
        found += _cut(Piece(since, until, stretch.state), windows, fell)
        at = until
    if at < ends:
        found += _cut(Piece(at, ends, UNKNOWN), windows, at)
    return found


def _cut(piece: Piece, windows: Sequence[Window], since: int) -> list[Piece]:
    """The piece, cut where maintenance begins and ends; it belongs to something that began at `since`."""
    near = [window for window in windows if window.begins < piece.ends and window.ends > piece.begins]
    if not near:
        return [piece]
    edges = {edge for window in near for edge in (window.begins, window.ends) if piece.begins < edge < piece.ends}
    at, parts = piece.begins, []
    for edge in [*sorted(edges), piece.ends]:
        over = [window for window in near if window.begins <= at and window.ends >= edge]
        late = piece.state == DOWN and all(window.approved > since for window in over)
        parts.append(Piece(at, edge, piece.state, (ERASED if late else INSIDE) if over else OUTSIDE))
        at = edge
    return parts


def totals(found: Iterable[Piece]) -> Totals:
    """The pieces of one service added up."""
    gross, net = dict.fromkeys(STATES, 0), dict.fromkeys(STATES, 0)
    maintenance = erased = 0
    for piece in found:
        length = piece.ends - piece.begins
        gross[piece.state] += length
        if piece.maintenance == OUTSIDE:
            net[piece.state] += length
            continue
        maintenance += length
        if piece.maintenance == ERASED:
            erased += length
    return Totals(
        up=gross[UP] + gross[DEGRADED],
        degraded=gross[DEGRADED],
        down=gross[DOWN],
        unknown=gross[UNKNOWN],
        net_up=net[UP] + net[DEGRADED],
        net_down=net[DOWN],
        maintenance=maintenance,
        erased=erased,
    )


def together(services: Iterable[Sequence[Piece]]) -> list[Piece]:
    """The pieces of the system that several services make, from theirs.

    It exists while one of them does. It is down while one is, unknown while one is and none is down, degraded while
    one is and all others are up. It is in maintenance while one of them is, unless another one is down outside
    maintenance then; and what that takes out of its down time is erased where that of one of them is.
    """
    changes: list[tuple[int, int, str, int]] = []
    for found in services:
        for piece in found:
            changes.append((piece.begins, 1, piece.state, piece.maintenance))
            changes.append((piece.ends, -1, piece.state, piece.maintenance))
    changes.sort()
    made: list[Piece] = []
    count: dict[tuple[str, int], int] = {}
    at = 0
    for moment, change, state, maintenance in changes:
        if moment > at:
            now = _system(count)
            if now is not None:
                made.append(Piece(at, moment, *now))
            at = moment
        count[state, maintenance] = count.get((state, maintenance), 0) + change
    return made


def _system(count: dict[tuple[str, int], int]) -> tuple[str, int] | None:
    """State and relation to maintenance, by how many services are in which; None while there is none."""
    present = {key for key, number in count.items() if number}
    if not present:
        return None
    states = {state for state, _ in present}
    state = next(state for state in (DOWN, UNKNOWN, DEGRADED, UP) if state in states)
    if (DOWN, OUTSIDE) in present or all(maintenance == OUTSIDE for _, maintenance in present):
        return state, OUTSIDE
    return state, ERASED if (DOWN, ERASED) in present else INSIDE
