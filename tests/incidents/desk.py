"""People of the tiers, rules and tickets, for tests of who gets what."""

from __future__ import annotations

from typing import Any

from incidents.actions import assignment_rules
from incidents.actions.assignment_rules import RuleDetails
from incidents.actions.opening import Draft, open_ticket
from incidents.models import AssignmentRule, Ticket, Tier
from zbmaint.access.models import Person, Role


def somebody(name: str, tier: int | None, role: str = "") -> Person:
    """A person of that tier, with the role of it."""
    key = role or (f"tier{tier}" if tier else "lead")
    return Person.objects.create(username=name, role=Role.objects.get(key=key), tier=tier)


def rule(name: str, assign: str = "least_loaded", **facts: Any) -> AssignmentRule:
    """A rule, behind those that there are."""
    given: dict[str, Any] = {"position": assignment_rules.last_position(), "assign": assign} | facts
    return assignment_rules.create(RuleDetails(name, **given), actor=None)


def ticket(**facts: Any) -> Ticket:
    """A ticket that somebody by telephone has reported."""
    given: dict[str, Any] = {"title": "It fails", "reporter": "A caller"} | facts
    return open_ticket(Draft(**given), actor=None)


def on_call(tier: int, person: Person | None) -> None:
    """Put somebody on call."""
    Tier.objects.filter(pk=tier).update(on_call=person)
