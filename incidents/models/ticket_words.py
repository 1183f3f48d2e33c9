"""TicketWords: by which words a ticket is found."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models

from incidents.models.entry import Entry
from incidents.models.ticket import Ticket
from incidents.rules.searching import Wanted


class TicketWords(models.Model):
    """The words of a ticket (title, tags, description), or of one of its comments, for the full text search.

    A table of its own: a ticket changes often, what it says seldom.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="words")
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.CASCADE, related_name="words")
    vector = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(entry__isnull=True), name="one_text_a_ticket")
        ]
        indexes = [GinIndex(fields=["vector"], name="ticket_words")]

    def __str__(self) -> str:
        return f"words of {self.ticket}"


def matching(wanted: Wanted) -> models.Q:
    """The condition for tickets with this number, or with all of these words in what they say or in one comment."""
    if wanted.number is not None:
        return models.Q(number=wanted.number)
    query = SearchQuery(wanted.query, config="simple", search_type="raw")
    return models.Q(pk__in=TicketWords.objects.filter(vector=query).values("ticket"))
