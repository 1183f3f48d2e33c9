"""What has changed in a queue since a browser read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.safestring import SafeString

from incidents.forms.queue_filter import QueueFilter
from incidents.models import Ticket
from incidents.views.queue_counts import QueueCounts, read_counts, read_standing
from incidents.views.queue_face import html_of_all
from incidents.views.queue_groups import NONE, group_of
from incidents.views.queue_list import PAGE_SIZE, page_of
from incidents.views.queue_row import COLUMNS, Listed, QueueRow, why_gone
from incidents.views.queue_state import Seen, SeenRow, compare
from incidents.views.queue_tabs import CountedTab, Tab, conditions, counted_tabs, matching
from incidents.views.queue_until import is_settled, until
from zbmaint.access.models import Person


@dataclass(frozen=True)
class QueueChanges:
    """Rows that read differently, in their places; counts; the words of the pill, empty when nothing waits for it.

    `state` is what the browser shows with all of this; `same` when that looks as before, so that only the state is new.
    """

    tab: Tab
    filters: QueueFilter
    counts: QueueCounts
    html: SafeString
    pill: str
    state: Seen
    same: bool

    @property
    def tabs(self) -> list[CountedTab]:
        """Every queue, with how many tickets stand in it."""
        return counted_tabs(self.counts.tabs_said)

    @property
    def here(self) -> str:
        """The query string of the page that the pill loads: the one on which the browser is."""
        return self.filters.query(**self.filters.place)

    @property
    def shown_groups(self) -> dict[str, str]:
        """The counts of the groups that the page shows, by letter."""
        shown = {row.group for row in self.state.rows}
        return {letter: count for letter, count in self.counts.groups_said.items() if letter in shown}


def read_changes(tab: Tab, filters: QueueFilter, seen: Seen, person: Person, now: dt.datetime) -> QueueChanges:
    """What differs from what was `seen`; four queries, whatever the number of rows."""
    counts = read_counts(tab.key, filters, person, read_standing(now))
    wanted = matching(tab.key, filters, person, now)
    page: list[tuple[int, dt.datetime]] = []
    for enough in conditions(tab.key, filters, person, now):
        page = list(page_of(Ticket.objects.filter(enough), filters).values_list("number", "order_at"))[:PAGE_SIZE]
        if len(page) == PAGE_SIZE:
            break
    numbers = [number for number, _ in page]
    known = Ticket.objects.filter(number__in=[row.number for row in seen.rows])
    matches = known.annotate(belongs=ExpressionWrapper(wanted, output_field=BooleanField()))
    read = [(Listed._make(columns), belongs) for *columns, belongs in matches.values_list(*COLUMNS, "belongs")]
    tickets = {ticket.number: ticket for ticket, _ in read}
    belonging = {ticket.number for ticket, belongs in read if belongs}
    left = {row.number for row in seen.rows} - belonging
    regrouped = {
        row.number
        for row in seen.rows
        if row.group != NONE and row.number not in left and group_of(tickets[row.number], now) != row.group
    }
    shown = [row.number for row in seen.rows]
    if filters.backwards:
        shown.reverse()
    pill = str(compare(shown, numbers, regrouped, left, PAGE_SIZE))
    after = [
        SeenRow(row.number, tickets[row.number].version if row.number in tickets else row.version, row.group)
        for row in seen.rows
    ]
    rows = [
        QueueRow(ticket, now, row.group, why_gone(ticket, tab.tier) if row.number in left else "")
        for row in seen.rows
        if (ticket := tickets.get(row.number)) is not None and ticket.version != row.version
    ]
    html = html_of_all(rows, viewer=person, shows_tier=tab.tier is None, alone=True)
    settled = not left and is_settled(filters, [order for _, order in page], PAGE_SIZE, now)
    whole = len(belonging) == counts.total
    ends_at = until(tab.key, filters, counts, tickets.values(), whole=whole, settled=settled)
    state = Seen.of(counts, pill, after, person, ends_at)
    return QueueChanges(tab, filters, counts, html, pill, state, state.shows_the_same(seen))
