"""The search box of the top bar: the number of a ticket leads to that ticket, everything else to the list."""

from __future__ import annotations

from typing import Final

from django.http import QueryDict

from incidents.models import Ticket
from incidents.rules import searching

JUMP: Final = "jump"  # only the box sends it: in a queue's own filters a number filters the list


def is_jump(query: QueryDict) -> bool:
    """Whether the box has sent `query`."""
    return query.get(JUMP) == "1"


def ticket_meant(query: QueryDict) -> int | None:
    """The number of the one ticket that is looked for; None when it is words, or a number that no ticket has."""
    number = searching.number_alone(query.get("q", ""))
    return number if number is not None and Ticket.objects.filter(number=number).exists() else None


def without_jump(query: QueryDict) -> QueryDict:
    """What is left are filters of the list."""
    filters = query.copy()
    filters.pop(JUMP)
    return filters
