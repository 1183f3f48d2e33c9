"""Who a ticket is given to by itself, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from incidents.actions.loads import candidates
from incidents.models import AssignmentRule, Ticket
from incidents.rules import choosing
from incidents.rules.business_time import ALWAYS
from incidents.rules.choosing import Candidate
from incidents.rules.matching import Conditions, Facts, match
from zbmaint.access.models import Person
from zbmaint.queue.marks import in_turn, mark

Assign = AssignmentRule.Assign
Passed = list[dict[str, str]]


@dataclass(frozen=True)
class Choice:
    """Who gets a ticket (None: nobody could), by which rule, what of the ticket matched, who was passed over and why.

    `how` is `rule`, `on_call` or `nobody`. Each passed over is {"rule", "person", "why"}: by which rule (empty: as the
    one on call when no rule named anybody), who (empty: there was nobody), why.
    """

    person: Person | None
    how: str
    rule: str = ""
    matched: dict[str, str] = field(default_factory=dict)
    passed_over: Passed = field(default_factory=list)

    @property
    def lacks(self) -> str:
        """Why there is nobody, in the end."""
        last = self.passed_over[-1] if self.passed_over else {"person": "", "why": "nobody is on call"}
        return f"{last['person']} {last['why']}".strip()

    def facts(self) -> dict[str, Any]:
        """As the timeline keeps it."""
        return {"how": self.how, "rule": self.rule, "matched": self.matched, "passed_over": self.passed_over}


@dataclass(frozen=True)
class Asked:
    """A rule that is for the ticket, and what of the ticket matched."""

    rule: AssignmentRule
    matched: dict[str, str]


def choose(ticket: Ticket, now: dt.datetime) -> Choice:
    """Ask the rules in their order; without one that names somebody who can take it, the tier's person on call.

    Part of the transaction that gives the ticket away. Two tickets at the same moment do not see the same load: who
    counts takes turns, and marks whom they chose, which the next one counts too. There is no deadlock: the turn is
    given back as soon as somebody is chosen, and in between this only reads and marks, neither of which waits for
    anybody. A lock that were kept until the end of the transaction could be waited for by somebody whose ticket this
    transaction wants next, as when one run raises several alerts.
    """
    asked = asked_rules(ticket, now)
    counts = any(one.rule.assign != Assign.ON_CALL for one in asked)
    with in_turn("tickets:loads") if counts else nullcontext():
        choice = _Choosing(ticket, now, asked, counts=counts).choice()
        if counts and choice.person is not None:
            mark(choice.person.pk, ticket.number)
    return choice


def asked_rules(ticket: Ticket, now: dt.datetime) -> list[Asked]:
    """The active rules that are for `ticket`, in their order."""
    rules = AssignmentRule.objects.filter(Q(tier=None) | Q(tier=ticket.tier_id), active=True)
    facts = Facts(
        tier=ticket.tier_id,
        severity=ticket.severity,
        category=ticket.category.key if ticket.category else "",
        tags=tuple(ticket.tags),
        title=ticket.title,
        description=ticket.description,
        source=ticket.source,
    )
    found = []
    for rule in rules.select_related("calendar").prefetch_related("categories"):
        held = match(conditions(rule), facts, now)
        if not held.why_not:
            found.append(Asked(rule, held.matched))
    return found


def conditions(rule: AssignmentRule) -> Conditions:
    """What `rule` asks of a ticket."""
    return Conditions(
        tier=rule.tier_id,
        severities=tuple(rule.severities),
        categories={category.key: category.name for category in rule.categories.all()},
        tags=tuple(rule.tags),
        pattern=rule.pattern,
        source=rule.source,
        when=rule.when,
        calendar=rule.calendar.hours() if rule.calendar else ALWAYS,
        calendar_name=rule.calendar.name if rule.calendar else "",
    )


class _Choosing:
    """One answer to who gets `ticket`, from rules that are for it."""

    def __init__(self, ticket: Ticket, now: dt.datetime, asked: Sequence[Asked], *, counts: bool) -> None:
        self.ticket, self.now, self.asked = ticket, now, asked
        self.tier = ticket.tier_id
        self.passed_over: Passed = []
        named = {one.rule.person_id for one in asked if one.rule.assign == Assign.PERSON} | {ticket.tier.on_call_id}
        keys = {key for key in named if key is not None}
        whole_tier = any(one.rule.assign == Assign.LEAST_LOADED for one in asked)
        known = bool(keys) or whole_tier
        self.people = candidates(ticket, named=keys, whole_tier=whole_tier, counted=counts) if known else {}
        self.by_key = {person.pk: person for person in self.people}

    def choice(self) -> Choice:
        """Who, and why."""
        for one in self.asked:
            person, load = self._named_by(one.rule)
            if person is not None:
                matched = one.matched | ({"load": load} if load else {})
                return Choice(person, "rule", one.rule.name, matched, self.passed_over)
        person = self._on_call("")
        return Choice(person, "on_call" if person else "nobody", passed_over=self.passed_over)

    def _named_by(self, rule: AssignmentRule) -> tuple[Person | None, str]:
        """Whom the rule names, if they can take it, and by which load."""
        if rule.assign == Assign.LEAST_LOADED:
            return self._least_loaded(rule)
        if rule.assign == Assign.ON_CALL:
            return self._on_call(rule.name), ""
        person = self.by_key.get(rule.person_id or 0)
        if person is None:
            return self._unless("names nobody", rule.name, None), ""
        return self._unless(choosing.why_not(self.people[person], tier=self.tier, now=self.now), rule.name, person), ""

    def _least_loaded(self, rule: AssignmentRule) -> tuple[Person | None, str]:
        of_tier: dict[Candidate, Person] = {
            candidate: person
            for person, candidate in self.people.items()
            if candidate.tier == self.tier and candidate.active
        }
        found = choosing.least_loaded(of_tier, tier=self.tier, now=self.now)
        self.passed_over += [{"rule": rule.name, "person": name, "why": why} for name, why in found.passed_over]
        if not of_tier:
            return self._unless(f"nobody is in tier {self.tier}", rule.name, None), ""
        return (of_tier[found.person], found.load) if found.person else (None, "")

    def _on_call(self, rule: str) -> Person | None:
        """The tier's person on call, who answers for it however much they have to do already."""
        person = self.by_key.get(self.ticket.tier.on_call_id or 0)
        if person is None:
            return self._unless(f"nobody is on call for tier {self.tier}", rule, None)
        return self._unless(choosing.why_not_available(self.people[person], tier=self.tier, now=self.now), rule, person)

    def _unless(self, reason: str | None, rule: str, person: Person | None) -> Person | None:
        """`person`, unless there is a reason to pass them over, which is kept."""
        if reason is None:
            return person
        self.passed_over.append({"rule": rule, "person": str(person or ""), "why": reason})
        return None
