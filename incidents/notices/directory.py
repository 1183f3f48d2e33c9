"""The directory: who can be told, how, and what they wish, each read once for all news that are told together."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property

from incidents.models import NoticeMinimum, NoticeRule, Stakeholder, Ticket, Watcher
from incidents.rules.notifying import Wish
from zbmaint.access.models import Person, may

LEADS = "incidents.change_tier"


class Directory:
    """As it is in one transaction, for news of `tickets`."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        self._tickets = {ticket.pk for ticket in tickets}
        self._people: dict[int, Person] = {}
        self._wishes: dict[tuple[int, str], Wish] = {}

    @cached_property
    def watchers(self) -> dict[uuid.UUID, list[int]]:
        """The keys of those who watch each of the tickets."""
        found: dict[uuid.UUID, list[int]] = defaultdict(list)
        for ticket, person in Watcher.objects.filter(ticket__in=self._tickets).values_list("ticket_id", "person_id"):
            found[ticket].append(person)
        return found

    @cached_property
    def minimums(self) -> dict[str, Wish]:
        """By event what whoever has a duty is told at least."""
        return {minimum.event: minimum.wish() for minimum in NoticeMinimum.objects.all()}

    @cached_property
    def stakeholders(self) -> list[Stakeholder]:
        """Those who are told at all."""
        return list(Stakeholder.objects.filter(active=True))

    @cached_property
    def leads(self) -> list[Person]:
        """All who lead the desk."""
        return list(Person.objects.active().filter(may(LEADS)).select_related("notice_preferences"))

    def people(self, keys: Collection[int]) -> list[Person]:
        """The people with these keys, by their names."""
        new = set(keys) - self._people.keys()
        if new:
            for rule in NoticeRule.objects.filter(person__in=new):
                self._wishes[rule.person_id, rule.event] = rule.wish()
            self._people |= Person.objects.select_related("notice_preferences").in_bulk(new)
        return sorted((self._people[key] for key in keys), key=lambda person: person.username)

    def wish(self, person: Person, event: str) -> Wish | None:
        """How somebody of `people` wishes to be told of `event`; None: as everybody is."""
        return self._wishes.get((person.pk, event))
