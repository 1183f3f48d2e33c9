"""A person's own views of the queue."""

from __future__ import annotations

from django.db import transaction

from incidents.actions.refusals import TicketRefused
from incidents.models import SavedView
from zbmaint.access.models import Person
from zbmaint.audit.record import record

MOST = 20
LONGEST_NAME, LONGEST_QUERY = 60, 600


def as_kept(name: str) -> str:
    """A name as it is kept: without gaps at its ends and double ones within."""
    return " ".join(name.split())


@transaction.atomic
def save(person: Person, name: str, *, tab: str, query: str) -> SavedView:
    """Keep a view under a name; one of that name is replaced. Raises TicketRefused."""
    name = as_kept(name)
    if not name or "\x00" in name:
        raise TicketRefused("Give it a name.", "name")
    if len(name) > LONGEST_NAME:
        raise TicketRefused(f"A name has at most {LONGEST_NAME} characters, this one {len(name)}.", "name")
    if len(query) > LONGEST_QUERY:
        raise TicketRefused("These filters are too long to be kept: look for less text.", "name")
    Person.objects.select_for_update().get(pk=person.pk)  # two windows may not pass the limit together
    mine = SavedView.objects.filter(person=person)
    if mine.exclude(name=name).count() >= MOST:
        raise TicketRefused(f"You have {MOST} views. Remove one first.", "name")
    view, _ = mine.update_or_create(person=person, name=name, defaults={"tab": tab, "query": query})
    record("view_saved", view, person, after={"tab": tab, "query": query})
    return view


@transaction.atomic
def remove(view: SavedView, *, actor: Person) -> None:
    """Forget a view of one's own. Raises TicketRefused for somebody else's."""
    if view.person_id != actor.pk:
        raise TicketRefused("This view is somebody else’s.")
    record("view_removed", view, actor, before={"tab": view.tab, "query": view.query})
    view.delete()
