"""Saying something about a ticket, and following it."""

from __future__ import annotations

from incidents.actions.changing import Kind, changing
from incidents.actions.refusals import TicketRefused
from incidents.models import Status, Ticket, Watcher
from incidents.rules import texts
from zbmaint.access.models import Person


def comment(number: int, text: str, *, actor: Person) -> Ticket:
    """Add an internal note (Markdown). It overwrites nothing, so it never conflicts. Raises TicketRefused."""
    if not text.strip():
        raise TicketRefused("Write something: what did you find, and what happens next?", "text")
    if problem := texts.why_not_text(text):
        raise TicketRefused(problem, "text")
    with changing(number, actor=actor) as change:
        if change.ticket.status == Status.CLOSED:
            raise TicketRefused("This ticket is closed and takes no comments. Reopen it, and say why.")
        response = change.responds("commented")
        change.tell(Kind.COMMENT, text.strip(), **({"response": response} if response else {}))
        change.watch(actor)
    return change.ticket


def watch(ticket: Ticket, person: Person) -> None:
    """Let `person` follow it. Following is theirs and no change of the ticket."""
    Watcher.objects.get_or_create(ticket=ticket, person=person)


def unwatch(ticket: Ticket, person: Person) -> None:
    """Let them follow it no longer."""
    Watcher.objects.filter(ticket=ticket, person=person).delete()
