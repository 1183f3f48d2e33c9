"""The clocks of a ticket, kept: begun, stopped, moved and written down. Called by the actions that change tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property

from incidents.models import ClockEvent, DueClock, Pause, ResponseTarget, Stint, Ticket
from incidents.rules import business_time, resolution
from incidents.rules.business_time import ZERO, Span
from incidents.rules.clocks import BREACH, WARNINGS, Clock, next_threshold
from zbmaint.access.models import Person

AT_RISK = WARNINGS[-1]


def begin(
    ticket: Ticket, how: Stint.How, *, actor: Person | None, now: dt.datetime, criterion: str = "", reason: str = ""
) -> Stint:
    """A new stay of `ticket` in its tier, with the tier's full target and the calendar of today."""
    target = ResponseTarget.objects.existing(ticket.tier, ticket.severity)
    return Stint.objects.create(
        ticket=ticket,
        tier=ticket.tier,
        how=how,
        criterion=criterion,
        reason=reason,
        entered_at=now,
        entered_by=actor,
        calendar=ticket.tier.hours().stored(),
        response_seconds=target.response_minutes * 60,
        resolution_seconds=_seconds(target),
    )


class Clocks:
    """The clocks of the stay `stint`, in which `ticket` is or was last. Read once; written by its methods.

    The caller saves the ticket and holds its row locked.
    """

    def __init__(self, ticket: Ticket, stint: Stint) -> None:
        self.ticket = ticket
        self.stint = stint

    @cached_property
    def pauses(self) -> list[Pause]:
        """The pauses of this stay."""
        return list(self.stint.pauses.all())

    @cached_property
    def events(self) -> list[ClockEvent]:
        """What is recorded and stands."""
        return list(self.stint.clock_events.filter(void_at__isnull=True))

    @property
    def response(self) -> Clock:
        """The clock to the first response in this stay."""
        return self._clock(self.stint.response_target)

    @property
    def resolution(self) -> Clock | None:
        """The clock to the resolution, of which earlier stays have used a part; None without such a target."""
        if self.stint.resolution_seconds is None:
            return None
        return self._clock(dt.timedelta(seconds=self.stint.resolution_seconds), self._carried)

    @property
    def paused_before(self) -> dt.timedelta:
        """How long the pauses were that have ended."""
        return sum((until - begun for begun, until in business_time.merged(self._ended_pauses)), ZERO)

    def retarget(self) -> None:
        """Give the running clocks the targets of the ticket's present severity, counted from their own beginning."""
        target = ResponseTarget.objects.existing(self.ticket.tier, self.ticket.severity)
        self.stint.response_seconds, self.stint.resolution_seconds = target.response_minutes * 60, _seconds(target)

    def refresh(self, now: dt.datetime) -> None:
        """Set what is due when from the stay and its pauses as they are now."""
        for known in ("pauses", "events"):
            self.__dict__.pop(known, None)
        ticket, stint, waiting = self.ticket, self.stint, self._waiting()
        if stint.responded_at is None:
            stint.response_due_at = waiting[DueClock.RESPONSE].due
        self._void(waiting, now)
        stint.save()
        due = {name: clock.due for name, clock in waiting.items()}
        coming = min(((moment, name) for name, moment in due.items() if moment is not None), default=None)
        ticket.due_at, ticket.due_clock = coming if coming is not None else (None, "")
        ticket.at_risk_at = waiting[coming[1]].at(AT_RISK) if coming is not None else None
        ahead = [next_threshold(clock, self._recorded(name)) for name, clock in waiting.items()]
        ticket.next_clock_at = min((moment for _, moment in filter(None, ahead)), default=None)

    def record_passed(self, now: dt.datetime) -> list[ClockEvent]:
        """Write down, once, every threshold that the clocks have passed by `now`; returns what is new."""
        written = []
        for name, clock in self._waiting().items():
            while (coming := next_threshold(clock, self._recorded(name))) and coming[1] <= now:
                percent, moment = coming
                facts = {"clock": name, "threshold": percent, "moment": moment, "recorded_at": now}
                event = ClockEvent.objects.create(stint=self.stint, **facts)
                self.events.append(event)
                written.append(event)
                if percent == BREACH and name == DueClock.RESPONSE:
                    self.stint.breached_at = moment
        return written

    def end(self, now: dt.datetime) -> None:
        """The ticket leaves the tier, or is resolved: its clocks stop, and a pause ends."""
        for pause in self.pauses:
            if pause.ended_at is None:
                pause.ended_at = now
                pause.save(update_fields=["ended_at"])
        self.stint.left_at = now
        self.stint.save()
        ticket = self.ticket
        ticket.paused_until = ticket.due_at = ticket.at_risk_at = ticket.next_clock_at = None
        ticket.due_clock = ""

    def _clock(self, target: dt.timedelta, carried: dt.timedelta = ZERO) -> Clock:
        running = [pause.begun_at for pause in self.pauses if pause.ended_at is None]
        since = running[0] if running else None
        return Clock(self.stint.entered_at, target, self.stint.hours(), self._ended_pauses, since, carried)

    @property
    def _ended_pauses(self) -> list[Span]:
        return [(pause.begun_at, pause.ended_at) for pause in self.pauses if pause.ended_at is not None]

    @cached_property
    def _carried(self) -> dt.timedelta:
        return resolution.taken(stays(self.ticket, but=self.stint)).net

    def _waiting(self) -> dict[DueClock, Clock]:
        """The clocks that still have something to pass."""
        waiting = {DueClock.RESPONSE: self.response} if self.stint.responded_at is None else {}
        whole = self.resolution
        return waiting if whole is None else {**waiting, DueClock.RESOLUTION: whole}

    def _recorded(self, name: DueClock) -> frozenset[int]:
        return frozenset(event.threshold for event in self.events if event.clock == name)

    def _void(self, waiting: dict[DueClock, Clock], now: dt.datetime) -> None:
        """A target that was moved back makes what was told under the old one history."""
        for event in list(self.events):
            clock = waiting.get(DueClock(event.clock))
            moment = clock.at(event.threshold) if clock is not None else event.moment
            if moment is not None and moment <= now:
                continue
            event.void_at = now
            event.save(update_fields=["void_at"])
            self.events.remove(event)
            if event.threshold == BREACH and event.clock == DueClock.RESPONSE:
                self.stint.breached_at = None


def stays(ticket: Ticket, but: Stint | None = None) -> Iterator[resolution.Stay]:
    """The stays of `ticket` that have ended, as the rules take them; without the one in `but`."""
    for stint in ticket.stints.filter(left_at__isnull=False).prefetch_related("pauses"):
        if stint.left_at is not None and stint != but:
            pauses = [(pause.begun_at, pause.ended_at or stint.left_at) for pause in stint.pauses.all()]
            yield resolution.Stay(stint.entered_at, stint.left_at, stint.hours(), pauses)


def _seconds(target: ResponseTarget) -> int | None:
    return None if target.resolution is None else int(target.resolution.total_seconds())
