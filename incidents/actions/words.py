"""Keeping what tickets are found by. Called by the actions that write what a ticket says."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVector
from django.db.models import Func, Value

from incidents.models import Entry, Ticket, TicketWords
from incidents.rules import searching


def of_ticket(ticket: Ticket) -> None:
    """Keep the words of its title, tags and description."""
    said = " ".join([ticket.title, *ticket.tags, ticket.description])
    TicketWords.objects.update_or_create(ticket=ticket, entry=None, defaults={"vector": _vector(said)})


def of_comment(entry: Entry) -> None:
    """Keep the words of a comment."""
    TicketWords.objects.create(ticket=entry.ticket, entry=entry, vector=_vector(entry.text))


def _vector(text: str) -> Func:
    # Without places: nothing is ranked, and the index stays small.
    return Func(SearchVector(Value(searching.words(text)), config="simple"), function="strip")
