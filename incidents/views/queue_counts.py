"""How many tickets stand where: one query for every tab, every group, and what nobody looks after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q

from incidents.forms.queue_filter import QueueFilter
from incidents.models import Ticket
from incidents.rules import tiers
from incidents.views.queue_groups import GROUPS, in_group
from incidents.views.queue_tabs import TABS, condition
from zbmaint.access.models import Person


@dataclass(frozen=True)
class QueueCounts:
    """`tabs` by key, whatever the filters are; `groups` by letter, of what matches (none when finished ones do);
    `unassigned` by tier; `left` are the usernames of those who have left and still have tickets, `stranded` how many.
    """

    tabs: dict[str, int]
    groups: dict[str, int]
    unassigned: dict[int, int]
    left: list[str]
    stranded: int

    @property
    def total(self) -> int:
        """How many tickets match."""
        return sum(self.groups.values())


def read_counts(tab: str, filters: QueueFilter, person: Person, now: dt.datetime) -> QueueCounts:
    """Count the unfinished tickets; one query."""
    wanted: dict[str, Any] = {f"tab_{key}": Count("pk", filter=condition(key, person, now)) for key in TABS}
    if not filters.newest:
        shown = condition(tab, person, now) & filters.condition
        wanted |= {f"group_{letter}": Count("pk", filter=shown & in_group(letter, now)) for letter in GROUPS}
    nobody = Q(assignee__isnull=True)
    wanted |= {f"unassigned_{tier}": Count("pk", filter=nobody & Q(tier=tier)) for tier in tiers.NUMBERS}
    gone = Q(assignee__retired_at__isnull=False)
    names = ArrayAgg("assignee__username", filter=gone, distinct=True, default=[])
    found = Ticket.objects.unfinished().aggregate(**wanted, left=names, stranded=Count("pk", filter=gone))
    return QueueCounts(
        tabs={key: found[f"tab_{key}"] for key in TABS},
        groups={letter: found.get(f"group_{letter}", 0) for letter in GROUPS},
        unassigned={tier: found[f"unassigned_{tier}"] for tier in tiers.NUMBERS},
        left=found["left"],
        stranded=found["stranded"],
    )
