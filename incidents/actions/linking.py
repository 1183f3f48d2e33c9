"""Linking a ticket to what it has to do with, by hand."""

from __future__ import annotations

import hashlib

from incidents.actions.changing import Change, Kind, changing
from incidents.actions.refusals import TicketRefused
from incidents.models import Link, Ticket
from incidents.rules import linking
from zbmaint.access.models import Person

FIELD = "target"


def link(number: int, target: str, *, actor: Person, label: str = "") -> Ticket:
    """Link a ticket to another one (`INC-1193`: both then show it) or to an http(s) address, called `label`.

    It overwrites nothing, so it never conflicts, and finished tickets are linked too. Raises TicketRefused.
    """
    target = target.strip()
    other = linking.ticket_number(target)
    if other is not None:
        return _link_tickets(number, other, actor)
    if problem := linking.why_not_address(target):
        raise TicketRefused(problem, FIELD)
    ref = hashlib.blake2b(target.encode(), digest_size=16).hexdigest()
    with changing(number, actor=actor) as change:
        response = change.responds("linked")
        if not _add(change, linking.URL, ref, (label.strip() or target)[:200], target, response=response):
            raise TicketRefused("It is linked to this address already.", FIELD)
    return change.ticket


def _link_tickets(number: int, other: int, actor: Person) -> Ticket:
    if other == number:
        raise TicketRefused("This is the ticket itself.", FIELD)
    if not Ticket.objects.filter(number=other).exists():
        raise TicketRefused(f"There is no ticket INC-{other}.", FIELD)
    # Both rows in the order of their numbers, so that two who link them to each other never wait for one another.
    first, second = sorted((number, other))
    with changing(first, actor=actor) as one, changing(second, actor=actor) as two:
        here, there = (one, two) if number == first else (two, one)
        called, page, response = _called(there.ticket), there.ticket.get_absolute_url(), here.responds("linked")
        if not _add(here, linking.TICKET, str(other), called, page, response=response):
            raise TicketRefused(f"It is linked to {there.ticket} already.", FIELD)
        _add(there, linking.TICKET, str(number), _called(here.ticket), here.ticket.get_absolute_url())
    return here.ticket


def _add(change: Change, kind: str, ref: str, label: str, url: str, *, response: str = "") -> bool:
    """Add the link and tell it, with what there is to say of the response; False when it is there already."""
    _, new = Link.objects.get_or_create(ticket=change.ticket, kind=kind, ref=ref, defaults={"label": label, "url": url})
    if new:
        change.tell(Kind.LINKED, f"linked it to {label}; {response}" if response else f"linked it to {label}")
    return new


def _called(ticket: Ticket) -> str:
    return f"{ticket} {ticket.title}"[:200]
