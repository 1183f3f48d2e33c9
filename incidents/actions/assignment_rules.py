"""What may be done to an assignment rule: made, changed, moved, switched on and off. Tickets keep who they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db import transaction

from incidents.actions.desk import differing, keep, locked, make
from incidents.actions.loads import who_may_work
from incidents.actions.refusals import DeskRefused
from incidents.models import AssignmentRule, Calendar, Category, Severity, Tier
from incidents.rules import assigning, patterns, texts
from zbmaint.access.models import Person

Assign, When = AssignmentRule.Assign, AssignmentRule.When
STEP = 10


@dataclass(frozen=True)
class RuleDetails:
    """What people decide about a rule; see the model."""

    name: str
    position: int = 0
    active: bool = True
    tier: Tier | None = None
    severities: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    tags: tuple[str, ...] = ()
    pattern: str = ""
    source: str = ""
    when: str = When.ANY
    calendar: Calendar | None = None
    assign: str = Assign.ON_CALL
    person: Person | None = None

    def facts(self) -> dict[str, Any]:
        """By column."""
        names = [field.name for field in fields(self) if field.name != "categories"]
        return {name: getattr(self, name) for name in names} | {
            "severities": list(self.severities),
            "tags": list(self.tags),
        }


@transaction.atomic
def create(details: RuleDetails, *, actor: Person | None) -> AssignmentRule:
    """Make a rule. Raises DeskRefused, ValidationError."""
    details = checked(details)
    facts = details.facts()
    rule = make(
        AssignmentRule(**facts),
        "assignment_rule_created",
        actor=actor,
        names=facts,
        more={"categories": _keys(details.categories)},
    )
    rule.categories.set(details.categories)
    return rule


@transaction.atomic
def change(rule: AssignmentRule, details: RuleDetails, *, actor: Person) -> AssignmentRule:
    """Change a rule, for the tickets that come. Raises DeskRefused, ValidationError."""
    row = locked(rule)
    details = checked(details, known=row)
    before, after = differing(row, details.facts())
    were, become = _keys(row.categories.all()), _keys(details.categories)
    if were != become:
        before["categories"], after["categories"] = were, become
        row.categories.set(details.categories)
    keep(row, "assignment_rule_changed", before, after, actor=actor)
    return row


@transaction.atomic
def switch(rule: AssignmentRule, *, on: bool, actor: Person) -> AssignmentRule:
    """Let a rule be asked, or not. Rules are not deleted: tickets say by which they were assigned."""
    row = locked(rule)
    before, after = differing(row, {"active": on})
    keep(row, f"assignment_rule_switched_{'on' if on else 'off'}", before, after, actor=actor)
    return row


@transaction.atomic
def move(rule: AssignmentRule, by: int, *, actor: Person) -> AssignmentRule:
    """Let a rule be asked `by` places later (negative: earlier). All are numbered anew, ten by ten."""
    rows = list(AssignmentRule.objects.select_for_update(no_key=True).order_by("position", "id"))
    at = next(at for at, row in enumerate(rows) if row.pk == rule.pk)
    to = min(max(at + by, 0), len(rows) - 1)
    moved = rows.pop(at)
    rows.insert(to, moved)
    for place, row in enumerate(rows, start=1):
        before, after = differing(row, {"position": place * STEP})
        if row is moved and to != at:
            keep(row, "assignment_rule_moved", before | {"place": at + 1}, after | {"place": to + 1}, actor=actor)
        elif after:
            row.save(update_fields=["position"])
    return moved


def last_position() -> int:
    """Where a new rule stands: behind all others."""
    last = AssignmentRule.objects.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + STEP


def checked(details: RuleDetails, known: AssignmentRule | None = None) -> RuleDetails:
    """The details as they are kept. `known` is the rule as it is. Raises DeskRefused at the field that is wrong."""
    tags = tuple(dict.fromkeys(texts.tag(name) for name in details.tags if name.strip()))
    for problem, field in (
        *((texts.why_not_tag(tag), "tags") for tag in tags),
        (patterns.why_not(details.pattern) if details.pattern else None, "pattern"),
        (_why_not_severities(details.severities), "severities"),
        (_why_not_calendar(details), "calendar"),
        (_why_not_person(details, known), "person"),
    ):
        if problem:
            raise DeskRefused(problem, field)
    return replace(details, tags=tags, source=details.source.strip())


def _why_not_severities(severities: Iterable[str]) -> str | None:
    wrong = [severity for severity in severities if severity not in Severity.values]
    return f"“{wrong[0]}” is no severity." if wrong else None


def _why_not_calendar(details: RuleDetails) -> str | None:
    if details.when == When.ANY:
        return "Say whether within its hours or outside, or leave this empty." if details.calendar else None
    return None if details.calendar else "Choose the calendar whose hours are meant."


def _why_not_person(details: RuleDetails, known: AssignmentRule | None) -> str | None:
    person = details.person
    if details.assign != Assign.PERSON:
        return "Leave this empty, or choose “A person” above." if person else None
    if person is None:
        return "Choose who gets it."
    if known is not None and (known.person, known.tier) == (person, details.tier):
        return None  # somebody who has left since does not keep a rule from being changed or switched off
    may = who_may_work().filter(pk=person.pk).exists()
    return assigning.why_not_assign(
        name=str(person),
        active=person.is_active,
        may=may,
        person_tier=person.tier if details.tier else None,
        tier=details.tier.number if details.tier else 0,
    )


def _keys(categories: Iterable[Category]) -> list[str]:
    return sorted(category.key for category in categories)
