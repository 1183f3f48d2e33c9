"""Acknowledging a ticket from a message, by whom the message was for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from incidents.actions.assignment import claim
from incidents.actions.refusals import TicketRefused
from incidents.models import Stint, Ticket
from zbmaint.access.models import Person


class Used(TicketRefused):
    """The link has done what it can do, or the ticket has moved on since."""


@dataclass(frozen=True)
class Invitation:
    """What the link of a message says: this person may take up this ticket in this stay of it, and nothing else."""

    ticket: Ticket
    stint: int
    person: Person


def invitation(says: dict[str, int]) -> Invitation | None:
    """What is meant; None when the ticket or the person is not known any more."""
    ticket = Ticket.objects.select_related("tier", "assignee").filter(number=says.get("ticket", 0)).first()
    person = Person.objects.filter(pk=says.get("person", 0)).first()
    return Invitation(ticket, int(says.get("stint", 0)), person) if ticket and person else None


def check(invited: Invitation) -> None:
    """Raise Used or TicketRefused when the link can do nothing (any more)."""
    ticket, person = invited.ticket, invited.person
    if not person.has_perm("incidents.change_ticket"):
        raise TicketRefused(f"{person} may not work on tickets (any more).")
    if not ticket.is_unfinished:
        raise Used(f"{ticket} is {ticket.get_status_display().lower()}: there is nothing to acknowledge.")
    if ticket.accepted_at is not None:
        raise Used(f"{ticket.assignee} has acknowledged {ticket} already.")
    if not Stint.objects.filter(pk=invited.stint, ticket=ticket, left_at__isnull=True).exists():
        raise Used(f"{ticket} was handed on or taken up again since. A newer message has its own link.")


@transaction.atomic
def acknowledge(invited: Invitation) -> Ticket:
    """Take the ticket up, once. Raises Used, TicketRefused."""
    Ticket.objects.select_for_update().get(pk=invited.ticket.pk)
    now = Ticket.objects.select_related("tier", "assignee").get(pk=invited.ticket.pk)
    check(Invitation(now, invited.stint, invited.person))
    return claim(now.number, actor=invited.person)
