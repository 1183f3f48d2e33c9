"""The clocks of a ticket, read for a page: one for each tier, one over all, and every stay with its figures."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import prefetch_related_objects

from incidents.actions.clocks import AT_RISK, Clocks
from incidents.models import Pause, ResponseTarget, Stint, Ticket
from incidents.rules import clocks, pausing, tiers
from incidents.rules.business_time import ZERO, merged
from zbmaint.prepared import Prepared
from zbmaint.ui.words import duration, duration_in_words, left

STINTS = Prepared(
    lambda ticket: (
        Stint.objects.filter(ticket=ticket)
        .select_related("tier", "entered_by", "responded_by")
        .order_by("entered_at", "pk")
    ),
    uuid.UUID(int=0),
)
TARGETS = Prepared(lambda severity: ResponseTarget.objects.filter(severity=severity).order_by(), "none")


@dataclass(frozen=True)
class ClockRow:
    """A clock as it is shown. `due` is counted down to; `since` is counted up from; `used` and `target` in seconds."""

    title: str
    state: str
    text: str
    note: str
    due: dt.datetime | None = None
    at_risk: dt.datetime | None = None
    since: dt.datetime | None = None
    used: int = 0
    target: int = 0
    current: bool = False


@dataclass(frozen=True)
class StayRow:
    """One stay in a tier with its figures; `lasted` and `paused` in seconds."""

    stint: Stint
    response: ClockRow
    lasted: int
    paused: int


class TicketClocks:
    """The clocks of `ticket` at `now`; three queries, and two more when its resolution has a target."""

    def __init__(self, ticket: Ticket, now: dt.datetime) -> None:
        self.ticket = ticket
        self.now = now

    @cached_property
    def stints(self) -> list[Stint]:
        """Its stays, the oldest first."""
        found = STINTS.objects(self.ticket.pk)
        if getattr(self.ticket, "has_pauses", True):
            prefetch_related_objects(found, "pauses")
        else:
            for stint in found:
                stint._prefetched_objects_cache = {"pauses": Pause.objects.none()}  # type: ignore[attr-defined]  # of Django
        return found

    @cached_property
    def present(self) -> Stint | None:
        """The stay that goes on; None while the ticket is finished."""
        return next((stint for stint in self.stints if stint.left_at is None), None)

    @cached_property
    def rows(self) -> list[ClockRow]:
        """One for each tier (its latest stay), then the one over all."""
        targets = {target.tier_id: target for target in TARGETS.objects(self.ticket.severity)}
        latest = {stint.tier_id: stint for stint in self.stints}
        found = []
        for number in tiers.NUMBERS:
            stint = latest.get(number)
            found.append(self._response(stint) if stint else self._idle(number, targets.get(number)))
        return [*found, self._overall()]

    @cached_property
    def stays(self) -> list[StayRow]:
        """Every stay, the oldest first."""
        return [self._stay(stint) for stint in self.stints]

    def _stay(self, stint: Stint) -> StayRow:
        lasted = (stint.left_at or self.now) - stint.entered_at
        return StayRow(stint, self._response(stint), _seconds(lasted), _seconds(self._paused(stint)))

    def _paused(self, stint: Stint) -> dt.timedelta:
        spans = [(pause.begun_at, pause.ended_at or self.now) for pause in stint.pauses.all()]
        return sum((end - begin for begin, end in merged(spans)), ZERO)

    def _idle(self, number: int, target: ResponseTarget | None) -> ClockRow:
        within = f"Response within {pausing.in_hours(target.response)}, " if target else ""
        note = f"{within}starts on escalation" if number > self.ticket.tier_id else "It began in a later tier"
        if not self.ticket.is_unfinished:
            note = "Was not needed"
        return ClockRow(f"Tier {number}", "idle", "Not started", note, target=1)

    def _response(self, stint: Stint) -> ClockRow:
        clock, target = Clocks(self.ticket, stint).response, stint.response_target
        within = pausing.in_hours(target) + ("" if stint.hours().always else " of its hours")
        used = clock.used(stint.responded_at or stint.left_at or self.now)
        row = ClockRow(str(stint.tier), "idle", "Not answered", "", used=_seconds(used), target=_seconds(target))
        if stint.responded_at is not None:
            state, text = ("late", "Late, after") if stint.breached_at else ("met", "Met in")
            note = f"First response within {within}, by {stint.responded_by}"
            return replace(row, state=state, text=f"{text} {duration(_seconds(used))}", note=note)
        if stint.left_at is not None:
            row = replace(row, note=f"No response within {within}; left after {duration(_seconds(used))}")
            missed = stint.breached_at is not None or used >= target
            return replace(row, state="breached", text="Missed") if missed else row
        return self._running(replace(row, note=f"Response within {within}, {duration_in_words(used)} used"), clock)

    def _running(self, row: ClockRow, clock: clocks.Clock) -> ClockRow:
        due, risk = clock.due, clock.at(AT_RISK)
        if self.ticket.paused_until is not None or due is None:
            return replace(row, state="paused", text=f"Paused, {left(row.target - row.used)}", current=True)
        text = left((due - self.now).total_seconds())
        return replace(row, state=clocks.state(due, risk, self.now), text=text, due=due, at_risk=risk, current=True)

    def _overall(self) -> ClockRow:
        """What has passed since it was opened; what it lay resolved before it was reopened does not count."""
        stays = [(stint.entered_at, stint.left_at or self.now) for stint in self.stints]
        ends = self.ticket.resolved_at or self.now  # of one from before there were stays
        lasted = sum((left - entered for entered, left in stays or [(self.ticket.created_at, ends)]), ZERO)
        paused = sum((self._paused(stint) for stint in self.stints), ZERO)
        apart = f", {duration(_seconds(paused))} of it paused" if paused else ""
        if not self.ticket.is_unfinished:
            took = duration(self.ticket.resolution_seconds or _seconds(lasted))
            return ClockRow("Overall", "met", f"Resolved in {took}", f"Since it was opened{apart}", used=1, target=1)
        clock = Clocks(self.ticket, self.present).resolution if self.present is not None else None
        since = self.now - lasted
        if clock is None:
            return ClockRow(
                "Overall", "idle", duration(_seconds(lasted)), f"Since it was opened{apart}; no target", since=since
            )
        used = clock.used(self.now)
        note = f"Resolution within {pausing.in_hours(clock.target)}, {duration_in_words(used)} used{apart}"
        row = ClockRow("Overall", "idle", "", note, used=_seconds(used), target=_seconds(clock.target))
        return replace(self._running(row, clock), current=False)


def _seconds(length: dt.timedelta) -> int:
    return int(length.total_seconds())
