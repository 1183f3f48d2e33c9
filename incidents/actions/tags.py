"""The tags that tickets carry."""

from __future__ import annotations

from collections.abc import Iterable

from incidents.actions.refusals import TicketRefused
from incidents.models import Tag
from incidents.rules import texts


def remember(given: Iterable[str]) -> list[str]:
    """The tags as a ticket keeps them: in lower case, each once, in order. New ones join the list to choose from.

    Raises TicketRefused for one that is none.
    """
    names = sorted({texts.tag(name) for name in given if name.strip()})
    for name in names:
        if problem := texts.why_not_tag(name):
            raise TicketRefused(problem, "tags")
    if len(names) > texts.MOST_TAGS:
        raise TicketRefused(f"A ticket has at most {texts.MOST_TAGS} tags, not {len(names)}.", "tags")
    known = set(Tag.objects.filter(name__in=names).values_list("name", flat=True))
    Tag.objects.bulk_create([Tag(name=name) for name in names if name not in known], ignore_conflicts=True)
    return names
