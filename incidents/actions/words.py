"""Keeping what tickets are found by. Called by the actions that write what a ticket says."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Func, Value

from incidents.models import Entry, Ticket, TicketWords
from incidents.rules import searching

# As `searching.words` has it, but for the rarest letters.
MISSING_OF_TICKETS = """
INSERT INTO incidents_ticketwords (ticket_id, vector)
SELECT t.id, strip(to_tsvector('simple', regexp_replace(lower(
    'inc ' || t.number || ' ' || t.title || ' ' ||
    array_to_string(ARRAY(SELECT jsonb_array_elements_text(t.tags)), ' ') || ' ' || t.description
), '[^[:alnum:]]+', ' ', 'g')))
FROM incidents_ticket t
WHERE NOT EXISTS (SELECT FROM incidents_ticketwords w WHERE w.ticket_id = t.id AND w.entry_id IS NULL)
"""
MISSING_OF_COMMENTS = """
INSERT INTO incidents_ticketwords (ticket_id, entry_id, vector)
SELECT e.ticket_id, e.id, strip(to_tsvector('simple', regexp_replace(lower(e.text), '[^[:alnum:]]+', ' ', 'g')))
FROM incidents_entry e
WHERE e.kind = %s AND NOT EXISTS (SELECT FROM incidents_ticketwords w WHERE w.entry_id = e.id)
"""


def of_new(tickets: Iterable[Ticket]) -> None:
    """Keep the words of the titles, tags and descriptions of tickets that have none kept yet."""
    TicketWords.objects.bulk_create([TicketWords(ticket=ticket, vector=_vector(_said(ticket))) for ticket in tickets])


def of_ticket(ticket: Ticket) -> None:
    """The same of one whose words have changed."""
    TicketWords.objects.update_or_create(ticket=ticket, entry=None, defaults={"vector": _vector(_said(ticket))})


def of_comment(entry: Entry) -> None:
    """Keep the words of a comment."""
    TicketWords.objects.create(ticket=entry.ticket, entry=entry, vector=_vector(entry.text))


def of_all() -> int:
    """Keep the words of tickets and comments that came without them, such as generated ones. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING_OF_TICKETS)
        tickets: int = cursor.rowcount
        cursor.execute(MISSING_OF_COMMENTS, [Entry.Kind.COMMENT])
        comments: int = cursor.rowcount
    return tickets + comments


def _said(ticket: Ticket) -> str:
    return " ".join([str(ticket), ticket.title, *ticket.tags, ticket.description])


def _vector(text: str) -> Func:
    # Without places: nothing is ranked, and the index stays small.
    return Func(SearchVector(Value(searching.words(text)), config="simple"), function="strip")
