"""A second way to count: walks through what happened to each ticket, and shares no code with the product.

A `Story` is a ticket as its acts left it; `figures` says what the row of a day, a tier and a severity must be.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

LEFT_OUT = ("duplicate", "no_fault")


@dataclass
class Stay:
    """In one tier. `by` answered it; `missed` are the moments at which a resolution target passed in it, and whether
    that still stands."""

    tier: int
    how: str
    entered: dt.datetime
    target: bool
    left: dt.datetime | None = None
    responded: dt.datetime | None = None
    by: str | None = None
    breached: dt.datetime | None = None
    missed: list[tuple[dt.datetime, bool]] = field(default_factory=list)


@dataclass
class Story:
    """One ticket. `holders` says since when who has it (None: nobody)."""

    severity: str
    stays: list[Stay]
    holders: list[tuple[dt.datetime, str | None]]
    code: str = ""
    resolved: dt.datetime | None = None

    @property
    def opened(self) -> dt.datetime:
        return self.stays[0].entered

    @property
    def answered(self) -> dt.datetime | None:
        return min((stay.responded for stay in self.stays if stay.responded is not None), default=None)

    @property
    def took(self) -> int:
        """Whole seconds in all stays together, of a ticket that is resolved."""
        return whole(sum((stay.left - stay.entered for stay in self.stays if stay.left), dt.timedelta()))

    @property
    def miss(self) -> tuple[dt.datetime, int] | None:
        """When it missed its target first, and in which tier."""
        for stay in self.stays:
            for at, stands in stay.missed:
                if stands:
                    return at, stay.tier
        return None

    def holder(self, at: dt.datetime) -> str | None:
        return [who for since, who in self.holders if since <= at][-1]


def whole(length: dt.timedelta) -> int:
    return length // dt.timedelta(seconds=1)


def quantile(values: list[int], share: float) -> int | None:
    if not values:
        return None
    values = sorted(values)
    place = share * (len(values) - 1)
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return math.floor(low + (place - math.floor(place)) * (high - low))


def figures(stories: list[Story], begins: dt.datetime, last: dt.datetime, tier: int, severity: str) -> dict[str, Any]:
    """The row of the time from `begins` to `last` (the last instant); the spreads as lists in order."""
    mine = [story for story in stories if severity in ("", story.severity)]
    stays = [(story, stay) for story in mine for stay in story.stays]
    here = [(story, stay) for story, stay in stays if tier in (0, stay.tier)]
    ended = [story for story in mine if tier in (0, story.stays[-1].tier) and during(story.resolved, begins, last)]
    came = [stay for _, stay in here if during(stay.entered, begins, last)]
    handed = [stay for _, stay in stays if stay.how == "escalated" and during(stay.entered, begins, last)]
    found = [(story, story.miss) for story in mine]
    misses = [at for _, miss in found if miss for at, where in [miss] if tier in (0, where)]
    answers = [whole(stay.responded - stay.entered) for _, stay in here if during(stay.responded, begins, last)]  # type: ignore[operator]
    if tier == 0:
        firsts = [story for story in mine if during(story.answered, begins, last)]
        answers = [whole(story.answered - story.opened) for story in firsts if story.answered]
    return {
        "opened": sum(stay.how == "opened" for stay in came),
        "received": len(came),
        "escalated": sum(tier in (0, stay.tier - 1) for stay in handed),
        "reopened": sum(stay.how == "reopened" for stay in came),
        "resolved": len(ended),
        "left_out": sum(story.code in LEFT_OUT for story in ended),
        "responses_met": sum(during(stay.responded, begins, last) and not stay.breached for _, stay in here),
        "responses_missed": sum(during(stay.breached, begins, last) for _, stay in here),
        "unanswered": sum(
            during(stay.left, begins, last) and not stay.responded and not stay.breached for _, stay in here
        ),
        "resolutions_met": sum(story.stays[-1].target and story.miss is None for story in ended),
        "resolutions_missed": sum(during(at, begins, last) for at in misses),
        "answers": sorted(answers),
        "resolutions": sorted(story.took for story in ended if story.code not in LEFT_OUT),
    } | left(here, last, tier)


def left(here: list[tuple[Story, Stay]], at: dt.datetime, tier: int) -> dict[str, Any]:
    """What is open at that instant."""
    goes_on = [(story, stay) for story, stay in here if stay.entered <= at and (stay.left is None or at < stay.left)]
    end = at + dt.timedelta(microseconds=1)
    ages = [whole(end - story.opened) for story, _ in goes_on]
    waits = []
    for story, stay in goes_on:
        answered, since = (stay.responded, stay.entered) if tier else (story.answered, story.opened)
        if answered is None or answered > at:
            waits.append(whole(end - since))
    return {
        "open": len(goes_on),
        "open_unassigned": sum(story.holder(at) is None for story, _ in goes_on),
        "open_unanswered": len(waits),
        "open_age_median": quantile(ages, 0.5),
        "open_age_p90": quantile(ages, 0.9),
        "open_age_oldest": max(ages, default=None),
        "unanswered_age_oldest": max(waits, default=None),
    }


def people(stories: list[Story], begins: dt.datetime, last: dt.datetime) -> dict[str, tuple[int, int, int]]:
    """By username: how many stays they answered, how many tickets of theirs were resolved, how many they had left."""
    sums: dict[str, list[int]] = {}
    for story in stories:
        facts = [(0, stay.by) for stay in story.stays if during(stay.responded, begins, last)]
        facts += [(1, story.holders[-1][1])] if during(story.resolved, begins, last) else []
        covered = any(stay.entered <= last and (stay.left is None or last < stay.left) for stay in story.stays)
        facts += [(2, story.holder(last))] if covered else []
        for place, who in facts:
            if who is not None:
                sums.setdefault(who, [0, 0, 0])[place] += 1
    return {who: (one, two, three) for who, (one, two, three) in sums.items()}


def during(at: dt.datetime | None, begins: dt.datetime, last: dt.datetime) -> bool:
    return at is not None and begins <= at <= last
