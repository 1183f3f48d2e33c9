"""How the desk is set up: who is on call, who is away, which rules assign, and whom they would have named."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from incidents.actions import defaults
from incidents.models import AssignmentRule, Calendar, Category, Responder, ResponseTarget, Tier
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.people import by_role
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.ui.words import moment

ON_CALL = {1: "t.ncube", 2: "s.banda", 3: "k.dlamini"}
AWAY, AWAY_REASON, AWAY_SINCE, AWAY_FOR = "l.chirwa", "Leave", 2 * DAY, 5 * DAY
Assign = AssignmentRule.Assign
OFFICE = {
    "name": "Harare office hours (an example)",
    "time_zone": "Africa/Harare",
    "week": [*([[8 * 60, 17 * 60]] for _ in range(5)), [], []],
}
HOLIDAYS = (("05-01", "Workers' Day"), ("05-25", "Africa Day"), ("12-22", "Unity Day"), ("12-25", "Christmas Day"))


@dataclass(frozen=True)
class Rule:
    """An assignment rule of the demo. `word` is looked for in title and description; without `person` by `assign`."""

    name: str
    assign: str
    tier: int | None = None
    severities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    word: str = ""
    source: str = ""
    person: str = ""


RULES = (
    Rule("Critical goes to who is on call", Assign.ON_CALL, severities=("critical",)),
    Rule("Invoices", Assign.PERSON, 1, word="invoice", person="f.mutasa"),
    Rule("Databases", Assign.PERSON, 3, categories=("database",), person="w.kamau"),
    Rule(
        "Tier 1 shares out what people ask for",
        Assign.LEAST_LOADED,
        1,
        categories=("user_account", "password_reset", "general_inquiry", "application", "bug"),
    ),
    Rule("Tier 2 shares out the application", Assign.LEAST_LOADED, 2, categories=("application", "bug", "performance")),
)


@dataclass(frozen=True)
class Asking:
    """What rules look at."""

    tier: int
    severity: str
    category: str
    text: str
    source: str


@dataclass(frozen=True)
class Named:
    """Who gets a ticket, what the timeline says of it, and why."""

    person: Person | None
    said: str
    why: dict[str, Any] = field(default_factory=dict)


class Desk:
    """The desk as it is set up for the generated time. Tiers work around the clock and have what they ship with."""

    def __init__(self, period: Period, cast: Iterable[Person]) -> None:
        self.period = period
        self.now = period.now
        self.everyone = list(cast)
        self.people = {person.username: person for person in self.everyone}
        self.roles = by_role(self.everyone)
        self.may_open = {person.pk for person in self.everyone if person.has_perm("incidents.add_ticket")}
        self.leads = [person for person in self.everyone if person.role.key == "lead"]
        defaults.install()
        self.tiers = {tier.number: tier for tier in Tier.objects.all()}
        self.members = {number: [each for each in self.everyone if each.tier == number] for number in self.tiers}
        self.on_call = {number: self.people[name] for number, name in ON_CALL.items()}
        self.categories = dict(Category.objects.values_list("key", "pk"))
        targets = ResponseTarget.objects.all()
        self.seconds = {(each.tier_id, each.severity): each.response_minutes * 60 for each in targets}
        self.caps = {(each.tier_id, each.severity): each.pause_cap for each in targets}
        self.away_since, self.away_until = self.now - AWAY_SINCE, self.now - AWAY_SINCE + AWAY_FOR

    @staticmethod
    def why_not() -> str:
        """Why the desk cannot be set up for the demo, in words; empty when it can."""
        tiers = Tier.objects.filter(Q(on_call__isnull=False) | Q(calendar__isnull=False))
        targets = ResponseTarget.objects.filter(resolution_minutes__isnull=False)
        for rows in (tiers, targets, AssignmentRule.objects.all(), Calendar.objects.all()):
            if rows.exists():
                return "The tiers have calendars, rules, targets or people on call of their own already."
        return ""

    def set_up(self) -> None:
        """Write who is on call and away, the rules, and a calendar that no tier uses yet."""
        for number, person in self.on_call.items():
            Tier.objects.filter(pk=number).update(on_call=person)
        Responder.objects.create(person=self.people[AWAY], away_until=self.away_until, away_reason=AWAY_REASON)
        holidays = [[f"{self.now.year}-{day}", name] for day, name in HOLIDAYS]
        Calendar.objects.create(**OFFICE, holidays=holidays)
        for position, rule in enumerate(RULES, start=1):
            row = AssignmentRule.objects.create(
                position=position,
                name=rule.name,
                tier=self.tiers[rule.tier] if rule.tier else None,
                severities=list(rule.severities),
                pattern=f"(?i){rule.word}" if rule.word else "",
                source=rule.source,
                assign=rule.assign,
                person=self.people[rule.person] if rule.person else None,
            )
            row.categories.set(Category.objects.filter(key__in=rule.categories))

    def is_away(self, person: Person, at: dt.datetime) -> bool:
        """Whether they were away then."""
        return person.username == AWAY and at >= self.away_since

    def opener(self, reporter: Person | None, chance: random.Random) -> Person:
        """Who writes down what somebody reports: they themselves, if they may, else somebody of tier 1."""
        return reporter if reporter is not None and reporter.pk in self.may_open else chance.choice(self.members[1])

    def available(self, tier: int, at: dt.datetime) -> list[Person]:
        """Who of the tier was there."""
        return [person for person in self.members[tier] if not self.is_away(person, at)]

    def choose(self, asking: Asking, at: dt.datetime, chance: random.Random, *, on_call: bool = True) -> Named:
        """Whom the rules named; without one the person on call (`on_call` false: nobody was)."""
        for rule in RULES:
            matched = self._matched(rule, asking)
            if matched is None or (rule.assign == Assign.ON_CALL and not on_call):
                continue
            passed: list[dict[str, str]] = []
            person = self.on_call[asking.tier]
            if rule.person:
                person = self.people[rule.person]
            elif rule.assign == Assign.LEAST_LOADED:
                person = chance.choice(self.available(asking.tier, at))
                gone = [each for each in self.members[asking.tier] if self.is_away(each, at)]
                passed = [{"person": str(each), "why": f"away until {moment(self.away_until)}"} for each in gone]
            why = {"how": "rule", "rule": rule.name, "matched": matched, "passed_over": passed}
            return Named(person, f"assigned it to {person} by the rule “{rule.name}”", why)
        person_on_call, tier = self.on_call[asking.tier], f"tier {asking.tier}"
        nothing = {"rule": "", "matched": {}, "passed_over": []}
        if not on_call:
            said = f"found nobody to assign it to: nobody is on call for {tier}"
            return Named(None, said, {"how": "nobody", **nothing})
        said = f"assigned it to {person_on_call}, who is on call for {tier}"
        return Named(person_on_call, said, {"how": "on_call", **nothing})

    @staticmethod
    def _matched(rule: Rule, asking: Asking) -> dict[str, str] | None:
        """What of the ticket the rule matches; None when it does not."""
        if rule.tier is not None and rule.tier != asking.tier:
            return None
        matched = {"tier": str(asking.tier)} if rule.tier is not None else {}
        for name, wanted, value in (
            ("severity", rule.severities, asking.severity),
            ("category", rule.categories, asking.category),
        ):
            if wanted:
                if value not in wanted:
                    return None
                matched[name] = value
        if rule.word:
            if rule.word not in asking.text.casefold():
                return None
            matched["text"] = rule.word
        return matched
