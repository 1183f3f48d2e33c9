"""Who is told of a change: the people it concerns with their channels, and the stakeholders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from incidents.notices.directory import Directory
from incidents.notices.news import News
from incidents.notices.reaching import addresses_of, quiet_until
from incidents.rules import notifying
from zbmaint.access.models import Person

LEAD = "lead"


@dataclass(frozen=True)
class Reader:
    """Somebody who is told of `event`, as `role`, by one channel.

    `address` is where, as the transport knows it; `not_before` the end of their quiet hours. `why` there is nobody
    else, for whoever is told in their place.
    """

    event: str
    role: str
    channel: str
    address: str
    person: Person | None = None
    not_before: dt.datetime | None = None
    why: str = ""


class Audience:
    """The readers of `news`. `missing` are the reasons for which somebody who should be told is not."""

    def __init__(self, news: News, directory: Directory) -> None:
        self.news = news
        self._directory = directory
        self.missing: list[str] = []
        self.readers = list(self._people())
        self.readers += list(self._stakeholders())
        if self.is_nobody:
            self.readers += self._leads()

    @property
    def event(self) -> str:
        """The most important thing that happened."""
        return self.news.events[0]

    @property
    def is_nobody(self) -> bool:
        """Whether it calls for somebody, and nobody is told of it nor has done it themselves."""
        if self.event not in notifying.CALLS or self.readers:
            return False
        actor = self.news.actor
        return actor is None or actor.pk not in self._roles(notifying.DUTY & set(notifying.ROLES[self.event]))

    def _roles(self, only: Collection[str] | None = None) -> dict[int, set[str]]:
        """What each person is to the ticket, by their key."""
        news, ticket = self.news, self.news.ticket
        found: dict[int, set[str]] = {}
        for role, key in (
            (notifying.ASSIGNEE, ticket.assignee_id),
            (notifying.ON_CALL, ticket.tier.on_call_id),
            (notifying.EARLIER, news.had if news.had != ticket.assignee_id else None),
        ):
            if key is not None and (only is None or role in only):
                found.setdefault(key, set()).add(role)
        if only is None and any(notifying.WATCHER in notifying.ROLES[event] for event in news.events):
            for key in self._directory.watchers.get(ticket.pk, ()):
                found.setdefault(key, set()).add(notifying.WATCHER)
        return found

    def _people(self) -> Iterator[Reader]:
        news = self.news
        roles = self._roles()
        if news.actor is not None:
            roles.pop(news.actor.pk, None)  # who did it knows
        told = {key: first for key, held in roles.items() if (first := notifying.first_for(news.events, held))}
        if news.ticket.tier.on_call_id is None and notifying.ON_CALL in notifying.ROLES[self.event]:
            self.missing.append(f"nobody is on call for {str(news.ticket.tier).lower()}")
        if not told:
            return
        for person in self._directory.people(told):
            event, role = told[person.pk]
            if not person.is_active:
                self.missing.append(f"{person} has left")
                continue
            minimum = self._directory.minimums.get(event) if notifying.DUTY & roles[person.pk] else None
            wish = self._directory.wish(person, event)
            readers = list(self._ways(person, event, role, wish=wish, minimum=minimum))
            yield from readers
            if not readers:
                lacks = "has no e-mail address" if not addresses_of(person) else "wishes not to be told"
                self.missing.append(f"{person} {lacks}")

    def _ways(
        self,
        person: Person,
        event: str,
        role: str,
        *,
        wish: notifying.Wish | None = None,
        minimum: notifying.Wish | None = None,
    ) -> Iterator[Reader]:
        """The channels by which `person` is told."""
        has, severity = addresses_of(person), self.news.ticket.severity
        quiet = quiet_until(person, severity, self.news.at)
        for channel in notifying.channels_for(severity, wish=wish, minimum=minimum, has=has):
            yield Reader(event, role, channel, has[channel], person, quiet)

    def _stakeholders(self) -> Iterator[Reader]:
        """Groups and channels; an address that is that of somebody who is told already is not written to twice."""
        first = notifying.first_for(self.news.events, {notifying.STAKEHOLDER})
        if first is None:
            return
        ticket = self.news.ticket
        mailed = (reader.person for reader in self.readers if reader.channel == notifying.EMAIL)
        known = {person.email.lower() for person in (*mailed, self.news.actor) if person is not None}
        seen: set[tuple[str, str]] = set()
        for stakeholder in self._directory.stakeholders:
            where = (stakeholder.channel, stakeholder.address.lower())
            if not stakeholder.is_told_of(ticket.severity, ticket.tier_id) or where in seen or where[1] in known:
                continue
            seen.add(where)
            yield Reader(first[0], notifying.STAKEHOLDER, stakeholder.channel, stakeholder.address)

    def _leads(self) -> list[Reader]:
        """In the place of those whom nobody could reach, all who lead the desk."""
        because = notifying.why_nobody(self.missing)
        found, others = [], ""
        for person in self._directory.leads:
            if self.news.actor is not None and person.pk == self.news.actor.pk:
                others = "other "
                continue
            ways = list(self._ways(person, self.event, LEAD))
            found += [replace(way, why=because) for way in ways]
        if not found:
            self.missing.append(f"no {others}lead has an e-mail address")
        return found
