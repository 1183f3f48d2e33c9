"""Who a ticket is given to by itself, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from incidents.actions.loads import Team
from incidents.models import AssignmentRule, Ticket
from incidents.rules import choosing
from incidents.rules.business_time import ALWAYS
from incidents.rules.choosing import Candidate
from incidents.rules.matching import Conditions, Facts, match
from zbmaint.access.models import Person
from zbmaint.queue.marks import in_turn, mark

Assign = AssignmentRule.Assign
Passed = list[dict[str, str]]
Rule = tuple[AssignmentRule, Conditions]


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
    """The rules that are for a ticket, in their order, each with what of the ticket matched."""

    ticket: Ticket
    rules: list[tuple[AssignmentRule, dict[str, str]]]

    @property
    def counts(self) -> bool:
        """Whether it matters how much people have to do."""
        return any(rule.assign != Assign.ON_CALL for rule, _ in self.rules)

    @property
    def whole_tier(self) -> bool:
        """Whether everybody in the ticket's tier may get it."""
        return any(rule.assign == Assign.LEAST_LOADED for rule, _ in self.rules)

    @property
    def named(self) -> set[int]:
        """The keys of those who may get it by name."""
        keys = {rule.person_id for rule, _ in self.rules if rule.assign == Assign.PERSON}
        return {key for key in (*keys, self.ticket.tier.on_call_id) if key is not None}


def choose(tickets: Sequence[Ticket], now: dt.datetime, rules: Sequence[Rule]) -> list[Choice]:
    """For each ticket ask the rules in their order; without one that names somebody who can take it, the tier's person
    on call. Who gets one has more to do when the next one is given away.

    Part of the transaction that gives the tickets away. Two transactions at the same moment do not see the same load:
    who counts takes turns, and marks whom they chose, which the next one counts too. There is no deadlock: the turn is
    given back as soon as somebody is chosen, and in between this only reads and marks, neither of which waits for
    anybody. A lock that were kept until the end of the transaction could be waited for by somebody whose ticket this
    transaction wants next, as when one run raises several alerts.
    """
    asked = [_asked(ticket, now, rules) for ticket in tickets]
    if not any(one.counts for one in asked):
        return _choices(asked, now, counted=False)
    with in_turn("tickets:loads"):
        choices = _choices(asked, now, counted=True)
        mark(
            *(
                (choice.person.pk, one.ticket.number)
                for one, choice in zip(asked, choices, strict=True)
                if one.counts and choice.person is not None
            )
        )
    return choices


def active_rules() -> list[Rule]:
    """The rules that are active, in their order."""
    rules = AssignmentRule.objects.filter(active=True).select_related("calendar").prefetch_related("categories")
    return [(rule, conditions(rule)) for rule in rules]


def _asked(ticket: Ticket, now: dt.datetime, rules: Sequence[Rule]) -> Asked:
    facts = Facts(
        tier=ticket.tier_id,
        severity=ticket.severity,
        category=ticket.category.key if ticket.category else "",
        tags=tuple(ticket.tags),
        title=ticket.title,
        description=ticket.description,
        source=ticket.source,
    )
    held = [(rule, match(wanted, facts, now)) for rule, wanted in rules]
    return Asked(ticket, [(rule, found.matched) for rule, found in held if not found.why_not])


def _choices(asked: Sequence[Asked], now: dt.datetime, *, counted: bool) -> list[Choice]:
    team = Team(
        [one.ticket for one in asked],
        named={key for one in asked for key in one.named},
        tiers={one.ticket.tier_id for one in asked if one.whole_tier},
        counted=counted,
    )
    choices = []
    for one in asked:
        choice = _Choosing(one, team, now).choice()
        if choice.person is not None:
            team.give(one.ticket, choice.person)
        choices.append(choice)
    return choices


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
    """One answer to who of `team` gets a ticket, from rules that are for it."""

    def __init__(self, asked: Asked, team: Team, now: dt.datetime) -> None:
        self.ticket, self.rules, self.now = asked.ticket, asked.rules, now
        self.tier = asked.ticket.tier_id
        self.passed_over: Passed = []
        self.people = team.candidates(asked.ticket, named=asked.named, whole_tier=asked.whole_tier)
        self.by_key = {person.pk: person for person in self.people}

    def choice(self) -> Choice:
        """Who, and why."""
        for rule, because in self.rules:
            person, load = self._named_by(rule)
            if person is not None:
                matched = because | ({"load": load} if load else {})
                return Choice(person, "rule", rule.name, matched, self.passed_over)
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
