"""Who a ticket is given to by itself, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from incidents.models import Ticket
from zbmaint.access.models import Person


@dataclass(frozen=True)
class Choice:
    """Who gets a ticket (None: nobody could), by which rule, what of the ticket matched, who was passed over and why.

    `how` is `rule`, `on_call` or `nobody`.
    """

    person: Person | None
    how: str
    rule: str = ""
    matched: dict[str, str] = field(default_factory=dict)
    passed_over: list[dict[str, str]] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """As the timeline keeps it."""
        return {"how": self.how, "rule": self.rule, "matched": self.matched, "passed_over": self.passed_over}


def choose(ticket: Ticket, _now: dt.datetime) -> Choice:
    """Ask the rules in their order; without one that names somebody, the tier's person on call."""
    person = ticket.tier.on_call
    if person is not None and person.is_active:
        return Choice(person, "on_call")
    return Choice(None, "nobody")
