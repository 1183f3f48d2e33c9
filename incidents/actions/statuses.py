"""The life of a ticket: resolved, closed, reopened. (It is begun by claiming it.)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.db import transaction

from incidents.actions.assignment import assign_by_rule
from incidents.actions.changing import Change, Kind, changing
from incidents.actions.clocks import stays
from incidents.actions.refusals import TicketRefused
from incidents.actions.rounds import go_round
from incidents.models import ResolutionCode, Status, Stint, Ticket
from incidents.rules import resolution, texts, ticket_states
from zbmaint.access.models import Person
from zbmaint.queue.locks import transaction_lock
from zbmaint.ui.words import duration_in_words


def resolve(number: int, *, actor: Person, code: str, note: str, seen: int | None = None) -> Ticket:
    """End a ticket with what it was and what helped. Raises TicketRefused, Conflict."""
    if code not in ResolutionCode.values:
        raise TicketRefused("Choose how it ended.", "code")
    if not note.strip():
        raise TicketRefused("Say what fixed it: whoever has this next will look here.", "note")
    if problem := texts.why_not_text(note):
        raise TicketRefused(problem, "note")
    with changing(number, actor=actor, seen=seen) as change:
        _allow(change, ticket_states.RESOLVE)
        response = change.responds("resolved")
        end(change, code, note.strip())
        took = duration_in_words(dt.timedelta(seconds=change.ticket.resolution_seconds or 0))
        said = f"resolved it after {took}: {ResolutionCode(code).label.lower()}"
        change.tell(Kind.STATUS, f"{said}; {response}" if response else said, code=code, note=note.strip())
        change.verb = "ticket_resolved"
    return change.ticket


def end(change: Change, code: str, note: str) -> None:
    """Set what a resolved ticket has: its status, its code, and how long it took, three ways."""
    ticket = change.ticket
    change.leave()
    change.set("status", Status.RESOLVED)
    ticket.resolved_at = change.now
    change.set("resolution_code", ResolutionCode(code))
    ticket.resolution_note = note
    took = resolution.taken(stays(ticket))
    ticket.resolution_seconds = int(took.wall.total_seconds())
    ticket.resolution_business_seconds = int(took.business.total_seconds())
    ticket.resolution_net_seconds = int(took.net.total_seconds())


def close(number: int, *, actor: Person | None, seen: int | None = None) -> Ticket:
    """Put a resolved ticket away; `actor` None: by itself, after its days. Raises TicketRefused, Conflict."""
    with changing(number, actor=actor, seen=seen) as change:
        _allow(change, ticket_states.CLOSE)
        if actor is None and not _is_old(change.ticket, change.now):
            raise TicketRefused("It has not been resolved for long enough to be closed by itself.")
        change.set("status", Status.CLOSED)
        change.ticket.closed_at = change.now
        days = duration_in_words(_days()) if settings.TICKET_CLOSE_DAYS > 1 else "1 day"
        change.tell(Kind.STATUS, "closed it" if actor else f"closed it: resolved for {days}")
        change.verb = "ticket_closed"
    return change.ticket


def reopen(number: int, *, actor: Person, reason: str, seen: int | None = None) -> Ticket:
    """Take a resolved or closed ticket up again, with a new clock in its tier; what it took before still counts.

    Its assignee keeps it, and has not accepted it until they act. Raises TicketRefused, Conflict.
    """
    if not reason.strip():
        raise TicketRefused("Say why it is taken up again.", "reason")
    if problem := texts.why_not_text(reason):
        raise TicketRefused(problem, "reason")
    with transaction.atomic(), _its_alerts_waiting(number), changing(number, actor=actor, seen=seen) as change:
        ticket = change.ticket
        _allow(change, ticket_states.REOPEN)
        twin = Ticket.objects.unfinished().filter(source=ticket.source, key=ticket.key).exclude(key="").first()
        if twin is not None:
            raise TicketRefused(f"{twin} is open for the same alert: work on that one.")
        change.set("status", Status.OPEN)
        change.set("resolution_code", "")
        ticket.resolution_note = ""
        ticket.resolved_at = ticket.closed_at = ticket.accepted_at = None
        ticket.resolution_seconds = ticket.resolution_business_seconds = ticket.resolution_net_seconds = None
        ticket.reopened += 1
        if ticket.assignee is not None and not ticket.assignee.is_active:
            change.set("assignee", None)
        change.tell(Kind.STATUS, f"reopened it: {reason.strip()}")
        change.enter(Stint.How.REOPENED, reason=reason.strip())
        change.watch(actor)
        if ticket.assignee is None:
            assign_by_rule(change)
        change.verb = "ticket_reopened"
    return change.ticket


def close_old(now: dt.datetime) -> int:
    """Close what has been resolved for TICKET_CLOSE_DAYS days. Returns how many."""
    old = Ticket.objects.filter(status=Status.RESOLVED, resolved_at__lte=now - _days()).order_by("resolved_at")
    return go_round(old, partial(close, actor=None), "close")


def _days() -> dt.timedelta:
    return dt.timedelta(days=settings.TICKET_CLOSE_DAYS)


def _is_old(ticket: Ticket, now: dt.datetime) -> bool:
    return ticket.resolved_at is not None and ticket.resolved_at <= now - _days()


@contextmanager
def _its_alerts_waiting(number: int) -> Iterator[None]:
    """Alerts of the ticket's key wait, as they do for each other, so that none opens another meanwhile.

    Before the ticket's row is locked, in the order in which an alert takes the two.
    """
    source, key = Ticket.objects.values_list("source", "key").get(number=number)
    if key:
        transaction_lock(f"ticket:{source}:{key}")
    yield


def _allow(change: Change, verb: str) -> None:
    if why := ticket_states.why_not(verb, change.ticket.status):
        raise TicketRefused(why)
