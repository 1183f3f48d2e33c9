"""The clocks of a ticket: when a target is passed, when a warning is due, and what a clock says now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from incidents.rules.business_time import ALWAYS, DAY, FARTHEST, Calendar, NeverOpen, Span, after, worked
from incidents.rules.resolution import Stay, taken

WARNINGS: Final = (50, 80)  # per cent of the target
BREACH: Final = 100
THRESHOLDS: Final = (*WARNINGS, BREACH)
SOON: Final = dt.timedelta(minutes=30)

State = Literal["idle", "ok", "soon", "breached", "met", "late", "paused"]


@dataclass(frozen=True)
class Clock:
    """A target and what is used of it: the net time of the `earlier` stays, then the calendar's outside `pauses`.

    `paused_since` stops it; `pauses` are those that have ended. The stays are in order, and come before `started`.
    """

    started: dt.datetime
    target: dt.timedelta
    calendar: Calendar = ALWAYS
    pauses: Sequence[Span] = ()
    paused_since: dt.datetime | None = None
    earlier: Sequence[Stay] = ()

    def used(self, now: dt.datetime) -> dt.timedelta:
        """Business time used up to `now`."""
        end = now if self.paused_since is None else min(now, max(self.paused_since, self.started))
        return taken(self.earlier).net + worked(self.calendar, self.started, end, self.pauses)

    def at(self, percent: int) -> dt.datetime | None:
        """When `percent` of the target are used up; None when a pause has stopped the clock before.

        What is not used up within five years is said to be then: too late for anybody, but no reason to have no clock.
        """
        left = self.target * percent / 100
        for stay in self.earlier:
            spent = worked(stay.calendar, stay.entered, stay.left, stay.pauses)
            if spent >= left:
                return after(stay.calendar, stay.entered, left, stay.pauses)
            left -= spent
        try:
            moment = after(self.calendar, self.started, left, self.pauses)
        except NeverOpen:
            moment = self.started + FARTHEST * DAY
        return None if self.paused_since is not None and moment > self.paused_since else moment

    @property
    def due(self) -> dt.datetime | None:
        """When the target is used up; None while a pause has stopped the clock before that."""
        return self.at(BREACH)


def state(due: dt.datetime | None, at_risk: dt.datetime | None, now: dt.datetime) -> State:
    """What a running clock says: within its target, close to it or past it; paused when it has no moment."""
    if due is None:
        return "paused"
    if now >= due:
        return "breached"
    if due - now <= SOON or (at_risk is not None and now >= at_risk):
        return "soon"
    return "ok"


def next_threshold(clock: Clock, recorded: frozenset[int]) -> tuple[int, dt.datetime] | None:
    """The first threshold that is not recorded yet, with its moment; None when none will come by itself."""
    for percent in THRESHOLDS:
        if percent not in recorded:
            moment = clock.at(percent)
            return (percent, moment) if moment is not None else None
    return None
