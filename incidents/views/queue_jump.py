"""The search box of the top bar: a number leads to what has it, a ticket first; everything else leads to the list."""

from __future__ import annotations

from typing import Final

from django.http import QueryDict
from django.urls import reverse

from incidents.models import Ticket
from incidents.rules import searching
from zbmaint.access.models import Person
from zbmaint.ui import jumps

JUMP: Final = "jump"  # only the box sends it: in a queue's own filters a number filters the list


def is_jump(query: QueryDict) -> bool:
    """Whether the box has sent `query`."""
    return query.get(JUMP) == "1"


def page_meant(query: QueryDict, person: Person) -> str | None:
    """The page of the one thing that is looked for; None when it is words, or a number that nothing has."""
    text = query.get("q", "")
    number = searching.number_alone(text)
    if number is not None and Ticket.objects.filter(number=number).exists():
        return reverse("ticket", args=[number])
    return jumps.find(text, person)


def without_jump(query: QueryDict) -> QueryDict:
    """What is left are filters of the list."""
    filters = query.copy()
    filters.pop(JUMP)
    return filters
