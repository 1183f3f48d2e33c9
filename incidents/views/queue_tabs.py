"""The queues: a tab for each tier, and four across the tiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from incidents.forms.queue_filter import QueueFilter
from incidents.forms.queue_setup import QueueTier
from incidents.models.ticket import PAUSED
from incidents.rules.clocks import SOON
from incidents.rules.tiers import NUMBERS
from zbmaint.access.models import Person

MINE, UNASSIGNED, BREACHING, ALL = "mine", "unassigned", "breaching", "all"


@dataclass(frozen=True)
class Tab:
    """A queue: its place in the URL, what its tab says, its heading, what it holds, and what it says when empty."""

    key: str
    label: str
    heading: str
    about: str
    empty: str
    why_empty: str

    @property
    def tier(self) -> int | None:
        """The tier whose queue it is."""
        return int(self.key) if self.key.isdecimal() else None


@dataclass(frozen=True)
class CountedTab:
    """A tab with how many tickets stand in its queue."""

    key: str
    label: str
    count: str


def counted_tabs(counts: dict[str, str]) -> list[CountedTab]:
    """The tabs in their order; `counts` by key, in words."""
    return [CountedTab(tab.key, tab.label, counts[tab.key]) for tab in TABS.values()]


def _tab_of(number: int) -> Tab:
    why = "Every ticket has been resolved or has moved on. New tickets appear here by themselves."
    return Tab(str(number), f"Tier {number}", f"Tier {number} queue", "", f"No tickets in tier {number}", why)


TABS: Final = {
    tab.key: tab
    for tab in (
        *(_tab_of(number) for number in NUMBERS),
        Tab(
            MINE,
            "Mine",
            "My tickets",
            "What is assigned to you in any tier.",
            "You have no tickets",
            "What is assigned to you appears here. Unassigned tickets can be claimed.",
        ),
        Tab(
            UNASSIGNED,
            "Unassigned",
            "Unassigned tickets",
            "Nobody has these. Anybody of the tier may claim one.",
            "Every ticket has an assignee",
            "A ticket that nobody could be found for appears here.",
        ),
        Tab(
            BREACHING,
            "Breaching",
            "Breaching tickets",
            "Past their target, within 30 minutes of it, or past 80 % of it.",
            "No target is about to be missed",
            "A ticket appears here when 80 % of its time are used, at the latest 30 minutes before its target.",
        ),
        Tab(
            ALL,
            "All",
            "All tickets",
            "The tickets of every tier.",
            "No tickets",
            "Every ticket has been resolved. New tickets appear here by themselves.",
        ),
    )
}


def own_tab(person: Person) -> str:
    """The queue with which `person` begins."""
    return str(person.tier) if person.tier else ALL


def condition(key: str, person: Person, now: dt.datetime) -> Q:
    """What a ticket must be to stand in the queue `key` of `person`."""
    if key.isdecimal():
        return Q(tier=int(key))
    return {
        MINE: Q(assignee=person),
        UNASSIGNED: Q(assignee__isnull=True),
        BREACHING: Q(order_at__lte=now + SOON) | Q(at_risk_at__lte=now, order_at__lt=PAUSED),
        ALL: Q(),
    }[key]


def matching(key: str, filters: QueueFilter, person: Person, now: dt.datetime) -> Q:
    """What a ticket must be to stand in the list of the queue `key` that `filters` name."""
    return condition(key, person, now) & filters.condition


def conditions(key: str, filters: QueueFilter, person: Person, now: dt.datetime) -> list[Q]:
    """The same, after what finds those that stand first in the list: who has enough by it need not ask for the others.

    Of what is breaching an index has those in order that are due, and those that are at risk come after them.
    """
    whole = matching(key, filters, person, now)
    if key != BREACHING or filters.newest or filters.backwards:
        return [whole]
    return [Q(order_at__lte=now + SOON) & filters.condition, whole]


def about(tab: Tab, tiers: Iterable[QueueTier]) -> str:
    """What a queue holds; of a tier its name and how soon it responds, such as critical 15 min, high 1 h."""
    tier = next((each for each in tiers if each.number == tab.tier), None)
    if tier is None:
        return tab.about
    targets = f"Response targets: {tier.targets}" if tier.targets else "It has no response targets"
    return f"{tier.name}. {targets}."
