"""Stopping the clocks of a ticket for a while."""

from __future__ import annotations

import datetime as dt
from functools import partial

from incidents.actions.changing import Change, Kind, changing
from incidents.actions.refusals import TicketRefused
from incidents.actions.rounds import go_round
from incidents.models import Pause, ResponseTarget, Ticket
from incidents.rules import pausing, texts, ticket_states
from zbmaint.access.models import Person
from zbmaint.ui.words import moment

LONGEST_REASON = 300


def pause(number: int, *, actor: Person, until: dt.datetime, reason: str, seen: int | None = None) -> Ticket:
    """Stop the clocks until then, within the cap of its severity; they go on by themselves.

    A pause is no response. Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen) as change:
        stop(change, until, reason)
    return change.ticket


def stop(change: Change, until: dt.datetime, reason: str) -> None:
    """The pause itself, as a part of another change too. Raises TicketRefused."""
    ticket, clocks, actor = change.ticket, change.clocks, change.actor
    if clocks is None or actor is None:
        raise TicketRefused(ticket_states.why_not_edit(ticket.status) or "Only a person pauses a ticket.")
    if ticket.paused_until is not None:
        raise TicketRefused(f"It is paused already, until {moment(ticket.paused_until)}. Let it go on first.")
    if not reason.strip():
        raise TicketRefused("Say what it waits for.", "reason")
    if problem := texts.why_not_line(reason, LONGEST_REASON):
        raise TicketRefused(problem, "reason")
    cap = ResponseTarget.objects.existing(ticket.tier, ticket.severity).pause_cap
    why = pausing.why_not_until(
        until, change.now, cap=cap, paused_before=clocks.paused_before, severity=ticket.get_severity_display().lower()
    )
    if why:
        raise TicketRefused(why, "until")
    change.passed(clocks.record_passed(change.now))
    facts = {"begun_at": change.now, "until": until, "reason": reason.strip(), "by": actor}
    Pause.objects.create(ticket=ticket, stint=clocks.stint, **facts)
    ticket.paused_until = until
    change.tell(Kind.PAUSED, f"paused it until {moment(until)}: {reason.strip()}", until=until.isoformat())


def resume(number: int, *, actor: Person | None, seen: int | None = None) -> Ticket:
    """Let the clocks go on, before the end of the pause or (`actor` None) at it. Raises TicketRefused, Conflict."""
    with changing(number, actor=actor, seen=seen) as change:
        ended_already = bool(change.entries)  # its end had come: whoever changes a ticket finds it going on
        if not ended_already and (actor is None or change.go_on() is None):
            raise TicketRefused("It is not paused: its clock runs." if actor else "Its pause goes on.")
    return change.ticket


def resume_ended(now: dt.datetime) -> int:
    """Let go on what was paused until now. Returns how many tickets."""
    due = Ticket.objects.filter(paused_until__lte=now).order_by("paused_until")
    return go_round(due, partial(resume, actor=None), "resume")
