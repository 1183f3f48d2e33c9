"""Who can be given a ticket by itself, and who of several gets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from zbmaint.ui.words import moment


@dataclass(frozen=True)
class Candidate:
    """A person as the rules see them. `open_tickets` counts unfinished ones; `newest` is when their newest was opened.

    `away_until` None or past: not away. `may` is whether their role lets them work on tickets.
    """

    name: str
    tier: int | None
    active: bool = True
    may: bool = True
    away_until: dt.datetime | None = None
    away_reason: str = ""
    open_tickets: int = 0
    cap: int = 0
    newest: dt.datetime | None = None


def why_not_available(person: Candidate, *, tier: int, now: dt.datetime) -> str | None:
    """Why `person` cannot answer for a ticket of `tier`, whatever they have to do already; None when they can."""
    if not person.active:
        return "has left"
    if not person.may:
        return "may not work on tickets"
    if person.tier is not None and person.tier != tier:
        return f"is in tier {person.tier}"
    if person.away_until is not None and person.away_until > now:
        reason = f": {person.away_reason}" if person.away_reason else ""
        return f"away until {moment(person.away_until)}{reason}"
    return None


def why_not(person: Candidate, *, tier: int, now: dt.datetime) -> str | None:
    """Why `person` is given no more tickets of `tier` by themselves; None when they can be."""
    reason = why_not_available(person, tier=tier, now=now)
    if reason is None and person.open_tickets >= person.cap:
        return f"has {tickets(person.open_tickets)}, the cap is {person.cap}"
    return reason


@dataclass(frozen=True)
class LeastLoaded:
    """Who has least to do (None: nobody can be given it), that in words, and who was passed over, with the reason."""

    person: Candidate | None
    load: str
    passed_over: list[tuple[str, str]]


def least_loaded(people: Iterable[Candidate], *, tier: int, now: dt.datetime) -> LeastLoaded:
    """Of those who can be given it the one with the fewest open tickets.

    Between equals whose newest ticket is the oldest, so that they take turns; then by name.
    """
    reasons = [(person, why_not(person, tier=tier, now=now)) for person in sorted(people, key=lambda one: one.name)]
    passed_over = [(person.name, reason) for person, reason in reasons if reason is not None]
    able = sorted((person for person, reason in reasons if reason is None), key=_load)
    if not able:
        return LeastLoaded(None, "", passed_over)
    return LeastLoaded(able[0], f"{tickets(able[0].open_tickets)}, the fewest of {len(able)} available", passed_over)


def tickets(count: int) -> str:
    """How many, for a sentence: no open tickets, 1 open ticket."""
    return f"{count or 'no'} open ticket{'' if count == 1 else 's'}"


def _load(person: Candidate) -> tuple[int, bool, float, str]:
    newest = person.newest.timestamp() if person.newest else 0.0
    return person.open_tickets, person.newest is not None, newest, person.name
