"""A stay of a generated ticket in a tier, with its clock: what `incidents.actions.clocks` would have kept of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from incidents.rules.business_time import ALWAYS, Span
from incidents.rules.clocks import BREACH, WARNINGS, Clock, next_threshold
from zbmaint.access.models import Person


@dataclass(slots=True)
class Halt:
    """A pause."""

    begun_at: dt.datetime
    until: dt.datetime
    reason: str
    by: Person
    ended_at: dt.datetime | None = None


@dataclass(slots=True)
class Passed:
    """That the response clock passed `threshold` per cent at `moment`."""

    threshold: int
    moment: dt.datetime
    recorded_at: dt.datetime
    void_at: dt.datetime | None = None


@dataclass(slots=True)
class Stay:
    """One stay, in a tier that works around the clock and has a response target alone."""

    tier: int
    how: str
    entered_at: dt.datetime
    entered_by: Person | None
    response_seconds: int
    criterion: str = ""
    reason: str = ""
    left_at: dt.datetime | None = None
    response_due_at: dt.datetime | None = None
    responded_at: dt.datetime | None = None
    responded_by: Person | None = None
    response: str = ""
    breached_at: dt.datetime | None = None
    halts: list[Halt] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    next: tuple[int, dt.datetime] | None = None

    @property
    def ended_halts(self) -> list[Span]:
        """Its pauses that have ended."""
        return [(halt.begun_at, halt.ended_at) for halt in self.halts if halt.ended_at is not None]

    @property
    def halt(self) -> Halt | None:
        """The pause that goes on."""
        return self.halts[-1] if self.halts and self.halts[-1].ended_at is None else None

    @property
    def clock(self) -> Clock:
        """Its response clock."""
        target, halt = dt.timedelta(seconds=self.response_seconds), self.halt
        since = halt.begun_at if halt else None
        return Clock(self.entered_at, target, ALWAYS, self.ended_halts, since)

    @property
    def at_risk_at(self) -> dt.datetime | None:
        """When 80 % of its target are used; None when it has been answered."""
        return self.clock.at(WARNINGS[-1]) if self.responded_at is None else None

    def refresh(self, now: dt.datetime) -> None:
        """Set what is due when, after something that moves it; a moment that lies ahead again makes its mark void."""
        if self.responded_at is not None:
            self.next = None
            return
        clock = self.clock
        self.response_due_at = clock.due
        for passed in self.passed:
            if passed.void_at is None:
                moment = clock.at(passed.threshold)
                if moment is None or moment > now:
                    passed.void_at = now
                    self.breached_at = None if passed.threshold == BREACH else self.breached_at
        self._look_ahead(clock)

    def record(self, now: dt.datetime) -> list[Passed]:
        """Record what was passed by now; returns what is new."""
        written: list[Passed] = []
        while self.next is not None and self.next[1] <= now:
            threshold, moment = self.next
            written.append(Passed(threshold, moment, now))
            self.passed.append(written[-1])
            if threshold == BREACH:
                self.breached_at = moment
            self._look_ahead(self.clock)
        return written

    def _look_ahead(self, clock: Clock) -> None:
        recorded = frozenset(passed.threshold for passed in self.passed if passed.void_at is None)
        self.next = next_threshold(clock, recorded)
