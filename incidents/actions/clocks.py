"""The clocks of a ticket, kept: begun, stopped, moved and written down. Called by the actions that change tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property

from django.utils import timezone

from incidents.models import ClockEvent, DueClock, Pause, ResponseTarget, Stint, Ticket
from incidents.rules import business_time
from incidents.rules.business_time import ZERO, Span
from incidents.rules.clocks import BREACH, WARNINGS, Clock, next_threshold
from incidents.rules.resolution import Stay
from zbmaint.access.models import Person

AT_RISK = WARNINGS[-1]


def begin(
    ticket: Ticket,
    target: ResponseTarget,
    how: Stint.How,
    *,
    actor: Person | None,
    now: dt.datetime,
    criterion: str = "",
    reason: str = "",
) -> Stint:
    """A new stay of `ticket` in its tier, with the tier's full target and the calendar of today; not saved yet."""
    return Stint(
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

    The caller saves the ticket and holds its row locked, and saves a stint that is new.
    """

    def __init__(self, ticket: Ticket, stint: Stint) -> None:
        self.ticket = ticket
        self.stint = stint

    @cached_property
    def pauses(self) -> list[Pause]:
        """The pauses of this stay."""
        return [] if self.stint.pk is None else list(self.stint.pauses.all())

    @cached_property
    def events(self) -> list[ClockEvent]:
        """What is recorded and stands."""
        return [] if self.stint.pk is None else list(self.stint.clock_events.filter(void_at__isnull=True))

    @property
    def response(self) -> Clock:
        """The clock to the first response in this stay."""
        return self._clock(self.stint.response_target)

    @property
    def resolution(self) -> Clock | None:
        """The clock to the resolution, of which earlier stays have used a part; None without such a target."""
        if self.stint.resolution_seconds is None:
            return None
        return self._clock(dt.timedelta(seconds=self.stint.resolution_seconds), self._earlier)

    @property
    def paused_before(self) -> dt.timedelta:
        """How long the pauses were that have ended."""
        return sum((until - begun for begun, until in business_time.merged(self._ended_pauses)), ZERO)

    def retarget(self) -> None:
        """Give the running clocks the targets of the ticket's present severity, counted from their own beginning.

        A response that was given stays judged by the target that it had.
        """
        target = ResponseTarget.objects.existing(self.ticket.tier, self.ticket.severity)
        self.stint.resolution_seconds = _seconds(target)
        if self.stint.responded_at is None:
            self.stint.response_seconds = target.response_minutes * 60

    def refresh(self, now: dt.datetime) -> None:
        """Set what is due when from the stay and its pauses as they are now."""
        for known in ("pauses", "events", "_told_earlier"):
            self.__dict__.pop(known, None)
        ticket, stint, waiting = self.ticket, self.stint, self._waiting()
        if stint.responded_at is None:
            stint.response_due_at = waiting[DueClock.RESPONSE].due
        self._void(waiting, now)
        if stint.pk is not None:
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
        self.go_on(now)
        self.stint.left_at = now
        self.stint.save()
        ticket = self.ticket
        ticket.due_at = ticket.at_risk_at = ticket.next_clock_at = None
        ticket.due_clock = ""

    def go_on(self, now: dt.datetime) -> Pause | None:
        """End the pause, if there is one: at the moment that was said, or now if that is earlier. Returns it."""
        self.ticket.paused_until = None
        for pause in self.pauses:
            if pause.ended_at is None:
                pause.ended_at = min(pause.until, now)
                pause.save(update_fields=["ended_at"])
                return pause
        return None

    def _clock(self, target: dt.timedelta, earlier: Sequence[Stay] = ()) -> Clock:
        since = next((pause.begun_at for pause in self.pauses if _runs(pause)), None)
        return Clock(self.stint.entered_at, target, self.stint.hours(), self._ended_pauses, since, earlier)

    @property
    def _ended_pauses(self) -> list[Span]:
        return [(pause.begun_at, pause.ended_at or pause.until) for pause in self.pauses if not _runs(pause)]

    @cached_property
    def _earlier(self) -> list[Stay]:
        return [] if self.ticket._state.adding else list(stays(self.ticket, but=self.stint))

    @cached_property
    def _told_earlier(self) -> frozenset[int]:
        """What was told of the resolution target in earlier stays."""
        if self.ticket._state.adding:
            return frozenset()
        told = ClockEvent.objects.filter(
            stint__ticket=self.ticket, stint__left_at__isnull=False, clock=DueClock.RESOLUTION, void_at__isnull=True
        )
        return frozenset(told.values_list("threshold", flat=True))

    def _waiting(self) -> dict[DueClock, Clock]:
        """The clocks that still have something to pass."""
        waiting = {DueClock.RESPONSE: self.response} if self.stint.responded_at is None else {}
        whole = self.resolution
        return waiting if whole is None else {**waiting, DueClock.RESOLUTION: whole}

    def _recorded(self, name: DueClock) -> frozenset[int]:
        here = frozenset(event.threshold for event in self.events if event.clock == name)
        whole = self.resolution
        if name == DueClock.RESPONSE or whole is None:
            return here
        # The overall clock goes on from stay to stay: what it passed in an earlier one, and was told there, is told.
        moments = {percent: whole.at(percent) for percent in self._told_earlier}
        return here | {percent for percent, at in moments.items() if at is not None and at <= self.stint.entered_at}

    def _void(self, waiting: dict[DueClock, Clock], now: dt.datetime) -> None:
        """A target that was moved back makes what was told under the old one history."""
        for event in list(self.events):
            clock = waiting.get(DueClock(event.clock))
            responded = event.clock == DueClock.RESPONSE and self.stint.responded_at is not None
            moment = clock.at(event.threshold) if clock is not None else None
            if responded or (moment is not None and moment <= now):
                continue
            event.void_at = now
            event.save(update_fields=["void_at"])
            self.events.remove(event)
            if event.threshold == BREACH and event.clock == DueClock.RESPONSE:
                self.stint.breached_at = None


def stays(ticket: Ticket, but: Stint | None = None) -> Iterator[Stay]:
    """The stays of `ticket` that have ended, as the rules take them; without the one in `but`."""
    for stint in ticket.stints.filter(left_at__isnull=False).prefetch_related("pauses"):
        if stint.left_at is not None and stint != but:
            pauses = [(pause.begun_at, pause.ended_at or stint.left_at) for pause in stint.pauses.all()]
            yield Stay(stint.entered_at, stint.left_at, stint.hours(), pauses)


def _runs(pause: Pause) -> bool:
    """Whether it goes on. One whose end has come is over, also when the ticker has not written that down yet."""
    return pause.ended_at is None and pause.until > timezone.now()


def _seconds(target: ResponseTarget) -> int | None:
    return None if target.resolution is None else int(target.resolution.total_seconds())
