"""Whether a rule is for a ticket: every condition that it has must hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from incidents.rules import hours, patterns
from incidents.rules.business_time import ALWAYS, Calendar

ANY: Final = "any"
WITHIN: Final = "within"
OUTSIDE: Final = "outside"
LONGEST_QUOTE: Final = 60


@dataclass(frozen=True)
class Facts:
    """What of a ticket the rules look at. `category` is its key, empty without one."""

    tier: int
    severity: str
    category: str = ""
    tags: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    source: str = ""


@dataclass(frozen=True)
class Conditions:
    """What a ticket must be like. Empty ones do not count; of several severities, categories or tags one is enough.

    `categories` maps keys to names. `when` is `any`, `within` or `outside` the hours of `calendar`.
    """

    tier: int | None = None
    severities: tuple[str, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    pattern: str = ""
    source: str = ""
    when: str = ANY
    calendar: Calendar = ALWAYS
    calendar_name: str = ""


@dataclass(frozen=True)
class Match:
    """What of the ticket met which condition, in words; or why the rule is not for it (`why_not`)."""

    matched: dict[str, str] = field(default_factory=dict)
    why_not: str = ""


def match(conditions: Conditions, facts: Facts, now: dt.datetime) -> Match:
    """Hold the conditions of a rule against a ticket at the moment `now`."""
    matched: dict[str, str] = {}
    for name, found, wanted in _held(conditions, facts, now):
        if not found:
            return Match(why_not=wanted)
        matched[name] = found
    return Match(matched or {"ticket": "any"})


def _held(conditions: Conditions, facts: Facts, now: dt.datetime) -> Iterator[tuple[str, str, str]]:
    """For each condition: its name, what of the ticket meets it (empty: nothing), and what it asks for."""
    if conditions.tier is not None:
        yield "tier", f"tier {facts.tier}" if facts.tier == conditions.tier else "", f"is for tier {conditions.tier}"
    if conditions.severities:
        found = facts.severity if facts.severity in conditions.severities else ""
        yield "severity", found, f"is for severity {_either(conditions.severities)}"
    if conditions.categories:
        found = conditions.categories.get(facts.category, "")
        yield "category", found, f"is for {_either(conditions.categories.values())}"
    if conditions.tags:
        found = ", ".join(tag for tag in conditions.tags if tag in facts.tags)
        yield "tags", found, f"is for tickets with the tag {_either(conditions.tags)}"
    if conditions.source:
        found = facts.source if facts.source.casefold() == conditions.source.casefold() else ""
        yield "source", found, f"is for tickets from {conditions.source}"
    if conditions.when != ANY:
        is_open = hours.is_open(conditions.calendar, now)
        asked = f"{conditions.when} the hours of {conditions.calendar_name}"
        yield "hours", asked if is_open == (conditions.when == WITHIN) else "", f"is for tickets {asked}"
    if conditions.pattern:  # last: it takes longest
        yield "text", _where(conditions.pattern, facts), f"looks for “{_quoted(conditions.pattern)}”"


def _where(pattern: str, facts: Facts) -> str:
    for place, text in (("title", facts.title), ("description", facts.description)):
        if patterns.matches(pattern, text):
            return f"“{_quoted(pattern)}” in the {place}"
    return ""


def _quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
