"""How many tickets stand where, without counting them all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from incidents.forms.queue_filter import QueueFilter
from incidents.forms.queue_setup import READ as SETUP
from incidents.forms.queue_setup import setup_of
from incidents.measures.now import ENOUGH
from incidents.models import Ticket
from incidents.models.ticket import PAUSED
from incidents.rules import tiers
from incidents.rules.clocks import SOON
from incidents.views.queue_groups import GROUPS, count_groups
from incidents.views.queue_tabs import ALL, BREACHING, MINE, UNASSIGNED, conditions
from zbmaint.access.models import Person
from zbmaint.prepared import preparing_cursor
from zbmaint.ui.words import thousands

MORE: Final = f"{thousands(ENOUGH)}+"
# What is kept; the changes so far; what is breaching (as in queue_tabs); and the next moments at which a ticket that
# nobody touches comes to stand among the overdue ones, among those that are due soon, and at risk.
READ: Final = """
SELECT
    (SELECT coalesce(json_agg(kept), '[]') FROM (
        SELECT tier_id AS tier, assignee_id AS assignee, username, retired_at IS NOT NULL AS retired, sum(number) AS n
        FROM incidents_queuecount LEFT JOIN access_person ON access_person.id = assignee_id
        GROUP BY tier_id, assignee_id, username, retired_at HAVING sum(number) <> 0
    ) AS kept)::text,
    (SELECT coalesce(sum(changes), 0)::bigint FROM incidents_queuecount),
    (SELECT coalesce(max(id), 0) FROM incidents_queuecount),
    CASE WHEN due.n >= %(enough)s THEN due.n ELSE due.n + (SELECT count(*) FROM (
        SELECT FROM incidents_ticket
        WHERE status IN ('open', 'in_progress')
            AND at_risk_at <= %(now)s AND order_at > %(soon)s AND order_at < %(paused)s
        LIMIT %(enough)s
    ) AS at_risk) END,
    (SELECT min(order_at) FROM incidents_ticket WHERE status IN ('open', 'in_progress') AND order_at > %(now)s),
    (SELECT min(order_at) FROM incidents_ticket WHERE status IN ('open', 'in_progress') AND order_at > %(soon)s)
        - %(length)s,
    (SELECT min(at_risk_at) FROM incidents_ticket WHERE status IN ('open', 'in_progress') AND at_risk_at > %(now)s)
FROM (SELECT count(*) AS n FROM (
    SELECT FROM incidents_ticket WHERE status IN ('open', 'in_progress') AND order_at <= %(soon)s LIMIT %(enough)s
) AS due) AS due
"""

READ_WITH_SETUP: Final = f"SELECT * FROM ({READ}) AS standing, ({SETUP}) AS setup"  # noqa: S608 - both stand in files


class Kept(NamedTuple):
    """How many unfinished tickets of a tier somebody has (None: nobody), who may have left."""

    tier: int
    assignee: int | None
    username: str | None
    retired: bool
    n: int


class Standing(NamedTuple):
    """What is kept; how many changes there have been, with their newest row (see `QueueCountManager.edition`); how many
    are breaching; when the next one will be overdue, due soon, at risk."""

    now: dt.datetime
    kept: list[Kept]
    changes: int
    newest: int
    breaching: int
    next_due: dt.datetime | None
    next_soon: dt.datetime | None
    next_at_risk: dt.datetime | None


@dataclass(frozen=True)
class QueueCounts:
    """`tabs` by key, whatever the filters are; `groups` by letter, of what matches (none when finished ones do).

    Groups, and the tab of what is breaching, are counted up to one more than `ENOUGH`. `unassigned` is by tier; `left`
    are the usernames of those who have left and still have tickets, `stranded` how many.
    """

    tabs: dict[str, int]
    groups: dict[str, int]
    unassigned: dict[int, int]
    left: list[str]
    stranded: int
    standing: Standing
    known_total: int | None = field(default=None)

    @property
    def tabs_said(self) -> dict[str, str]:
        """The tabs for people, by key."""
        return {key: up_to_enough(n) if key == BREACHING else thousands(n) for key, n in self.tabs.items()}

    @property
    def total(self) -> int:
        """How many tickets match, counted up to one more than `ENOUGH` unless it is known."""
        return sum(self.groups.values()) if self.known_total is None else self.known_total

    @property
    def total_said(self) -> str:
        """The same for people."""
        return thousands(self.total) if self.known_total is not None else up_to_enough(self.total)

    @property
    def groups_said(self) -> dict[str, str]:
        """The groups for people, by letter; where the counting has ended it says so, and nothing of those behind."""
        if sum(self.groups.values()) <= ENOUGH:
            return {letter: thousands(count) for letter, count in self.groups.items()}
        counted = [letter for letter, count in self.groups.items() if count]
        said = {letter: thousands(self.groups[letter]) for letter in counted[:-1]}
        last = self.groups[counted[-1]] - 1
        return dict.fromkeys(self.groups, "") | said | {counted[-1]: f"{thousands(last)}+" if last else ""}


def up_to_enough(count: int) -> str:
    """A number that was counted up to one more than `ENOUGH`: 37, 1,000, 1,000+."""
    return MORE if count > ENOUGH else thousands(count)


def read_standing(now: dt.datetime, filters: QueueFilter | None = None) -> Standing:
    """What is kept, and what depends on the time of day; one query, with the set-up if `filters` still need it.

    Read before the list that is counted with it: what changes between the two is a change more, and never taken for
    seen.
    """
    given: dict[str, Any] = {"now": now, "soon": now + SOON, "length": SOON, "paused": PAUSED, "enough": ENOUGH + 1}
    with preparing_cursor() as cursor:
        cursor.execute(READ if filters is None or not filters.needs_setup else READ_WITH_SETUP, given)
        text, changes, newest, breaching, due, soon, at_risk, *setup = cursor.fetchone()
    if filters is not None and setup:
        filters.setup = setup_of(setup)
    kept = [Kept(**each) for each in json.loads(text)]
    return Standing(now, kept, changes, newest, min(breaching, ENOUGH + 1), due, soon, at_risk)


def read_counts(
    tab: str, filters: QueueFilter, person: Person, standing: Standing, counted: Mapping[str, int] | None = None
) -> QueueCounts:
    """Add up what is kept, and count the groups unless they are `counted`; one query, none for finished tickets."""
    kept = standing.kept
    tabs = {str(number): sum(each.n for each in kept if each.tier == number) for number in tiers.NUMBERS} | {
        MINE: sum(each.n for each in kept if each.assignee == person.pk),
        UNASSIGNED: sum(each.n for each in kept if each.assignee is None),
        BREACHING: standing.breaching,
        ALL: sum(each.n for each in kept),
    }
    nobodys = [each for each in kept if each.assignee is None]
    return QueueCounts(
        tabs=tabs,
        groups=_groups(tab, filters, person, standing.now, counted),
        unassigned={number: sum(each.n for each in nobodys if each.tier == number) for number in tiers.NUMBERS},
        left=sorted({each.username for each in kept if each.retired and each.username}),
        stranded=sum(each.n for each in kept if each.retired),
        standing=standing,
        known_total=tabs[tab] if not filters.values and tab != BREACHING else None,
    )


def _groups(
    tab: str, filters: QueueFilter, person: Person, now: dt.datetime, counted: Mapping[str, int] | None
) -> dict[str, int]:
    """What matches, up to `ENOUGH` in the order of the list, by group."""
    groups = dict.fromkeys(GROUPS, 0)
    if filters.newest:
        return groups
    if counted is not None:
        return {**groups, **counted}
    for wanted in conditions(tab, filters, person, now):
        groups = count_groups(Ticket.objects.filter(wanted).in_queue_order()[: ENOUGH + 1], now)
        if sum(groups.values()) > ENOUGH:
            break
    return groups
