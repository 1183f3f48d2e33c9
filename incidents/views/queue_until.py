"""Until when a page of the queue stays as it is, while nobody touches a ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from incidents.forms.queue_filter import QueueFilter
from incidents.measures.now import ENOUGH
from incidents.rules.clocks import SOON
from incidents.views.queue_counts import QueueCounts
from incidents.views.queue_groups import OVERDUE
from incidents.views.queue_row import Listed
from incidents.views.queue_tabs import BREACHING


def until(
    tab: str, filters: QueueFilter, counts: QueueCounts, shown: Collection[Listed], *, whole: bool, settled: bool
) -> dt.datetime | None:
    """The next moment at which the time alone changes what a page with the rows `shown` says; None when none does.

    With many tickets one of them comes near its target every few seconds, so only those count that the page shows: its
    own rows, and what its numbers count, unless they have counted enough: the time takes nothing out of what is overdue
    or breaching. `whole`: the rows are all that match; `settled`: as below, which matters to what is breaching alone.
    """
    standing = counts.standing
    moments: list[dt.datetime | None] = []
    if not filters.newest:
        running = [ticket.due_at for ticket in shown if ticket.due_at is not None and ticket.paused_until is None]
        moments += [*running, *(due - SOON for due in running)]
        if not whole and counts.groups[OVERDUE] <= ENOUGH:
            moments += [standing.next_due, standing.next_soon]
    joined = tab == BREACHING and not (settled and counts.total > ENOUGH)
    if standing.breaching <= ENOUGH or joined:
        moments += [standing.next_soon, standing.next_at_risk]
    return min((moment for moment in moments if moment is not None and moment > standing.now), default=None)


def is_settled(filters: QueueFilter, orders: Sequence[dt.datetime], size: int, now: dt.datetime) -> bool:
    """Whether a page of what is breaching keeps its rows: what joins them as time goes on stands behind a full page."""
    if filters.newest or filters.backwards or len(orders) < size:
        return False
    return max(orders) <= now + SOON
