"""How many tickets stand where, without counting them all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from incidents.forms.queue_filter import QueueFilter
from incidents.models import QueueCount, Ticket
from incidents.rules import tiers
from incidents.views.queue_groups import GROUPS, in_group
from incidents.views.queue_tabs import ALL, BREACHING, MINE, UNASSIGNED, condition, matching
from zbmaint.access.models import Person

ENOUGH = 1_000  # more than that nobody works off one by one, and counting it takes longer than the page


@dataclass(frozen=True)
class QueueCounts:
    """`tabs` by key, whatever the filters are; `groups` by letter, of what matches (none when finished ones do).

    Groups, and the tab of what is breaching, are counted up to `ENOUGH`. `unassigned` is by tier; `left` are the
    usernames of those who have left and still have tickets, `stranded` how many.
    """

    tabs: dict[str, int]
    groups: dict[str, int]
    unassigned: dict[int, int]
    left: list[str]
    stranded: int

    @property
    def total(self) -> int:
        """How many tickets match, counted up to `ENOUGH`."""
        return sum(self.groups.values())


def read_counts(tab: str, filters: QueueFilter, person: Person, now: dt.datetime) -> QueueCounts:
    """Add up what is kept, and count what depends on the time of day; three queries, two for finished tickets."""
    kept = list(
        QueueCount.objects.values("tier", "assignee", "assignee__username", "assignee__retired_at")
        .annotate(n=Sum("number"))
        .exclude(n=0)
        .order_by()
    )
    gone = [each for each in kept if each["assignee__retired_at"]]
    tabs = {str(number): _sum(kept, tier=number) for number in tiers.NUMBERS}
    tabs |= {
        MINE: _sum(kept, assignee=person.pk),
        UNASSIGNED: _sum(kept, assignee=None),
        BREACHING: _at_most(Ticket.objects.unfinished().filter(condition(BREACHING, person, now))),
        ALL: _sum(kept),
    }
    return QueueCounts(
        tabs=tabs,
        groups=dict.fromkeys(GROUPS, 0) if filters.newest else _groups(tab, filters, person, now),
        unassigned={number: _sum(kept, tier=number, assignee=None) for number in tiers.NUMBERS},
        left=sorted({each["assignee__username"] for each in gone}),
        stranded=_sum(gone),
    )


def _groups(tab: str, filters: QueueFilter, person: Person, now: dt.datetime) -> dict[str, int]:
    """What matches, up to `ENOUGH` in the order of the list, by group."""
    found = Ticket.objects.filter(matching(tab, filters, person, now)).in_queue_order()
    return found[:ENOUGH].aggregate(**{letter: Count("pk", filter=in_group(letter, now)) for letter in GROUPS})


def _at_most(tickets: QuerySet[Ticket]) -> int:
    return tickets.order_by()[:ENOUGH].count()


def _sum(kept: list[Any], **which: Any) -> int:
    return sum(each["n"] for each in kept if all(each[name] == value for name, value in which.items()))
