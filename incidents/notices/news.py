"""News: one change of one ticket, as far as people are told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from incidents.models import Entry, Ticket
from incidents.rules import notifying, severities, ticket_states
from incidents.rules.notifying import Told
from zbmaint.access.models import Person


@dataclass(frozen=True)
class News:
    """`had` is who had the ticket before, `stint` its present stay; `entries` are what its timeline gets."""

    ticket: Ticket
    entries: Sequence[Entry]
    actor: Person | None
    at: dt.datetime
    had: int | None = None
    stint: int | None = None

    @cached_property
    def told(self) -> list[Told]:
        """The entries as the rules take them."""
        return [
            Told(
                kind=entry.kind,
                changed=entry.data.get("changed", {}),
                by_person=entry.actor is not None,
                threshold=int(entry.data.get("threshold", 0)),
            )
            for entry in self.entries
        ]

    @cached_property
    def events(self) -> list[str]:
        """What happened, the most important first."""
        return notifying.happened(self.told)

    @property
    def topic(self) -> str:
        """What the notices about this ticket are filed under."""
        return topic(self.ticket.number)

    @property
    def taken_up(self) -> bool:
        """Whether somebody has begun with it, ended it or handed it on, so that nobody has to be called any more."""
        return notifying.ESCALATED in self.events or self._becomes(
            {ticket_states.IN_PROGRESS, ticket_states.RESOLVED, ticket_states.CLOSED}
        )

    @property
    def alert(self) -> bool | None:
        """Whether the monitoring alert is to be raised (True) or cleared (False); None: it stays as it is."""
        critical = self.ticket.severity == severities.CRITICAL
        severity = next((line.changed["severity"] for line in self.told if "severity" in line.changed), None)
        ends = self._becomes({ticket_states.RESOLVED})
        begins = notifying.OPENED in self.events or self._becomes({ticket_states.OPEN})
        if critical and (begins or (severity is not None and self.ticket.is_unfinished)):
            return True
        was = str(severity[0]) == severities.CRITICAL if severity is not None else critical
        return False if was and not begins and (ends or severity is not None) else None

    def _becomes(self, statuses: set[str]) -> bool:
        changed = (line.changed.get("status") for line in self.told if line.kind != "opened")
        return any(change is not None and change[1] in statuses for change in changed)


def topic(number: int) -> str:
    """What the notices about the ticket `number` are filed under."""
    return f"ticket:{number}"


def number_of(topic_name: str) -> int:
    """The number of the ticket that a topic is about."""
    return int(topic_name.partition(":")[2])
