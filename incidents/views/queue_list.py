"""One page of the queue, read for a page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from incidents.forms.queue_cursor import cursor_of
from incidents.forms.queue_filter import ANY, QueueFilter
from incidents.measures.now import ENOUGH
from incidents.models import Ticket
from incidents.models.ticket import TicketQuerySet
from incidents.views.bulk_deeds import DEEDS
from incidents.views.queue_counts import QueueCounts, read_counts, read_standing
from incidents.views.queue_face import CHANGE, html_of_all
from incidents.views.queue_groups import GROUPS, NONE, group_at, group_of
from incidents.views.queue_row import COLUMNS, Listed, QueueRow
from incidents.views.queue_state import Seen, SeenRow
from incidents.views.queue_tabs import CountedTab, Tab, conditions, counted_tabs, matching
from incidents.views.queue_until import is_settled, until
from zbmaint.access.models import Person

PAGE_SIZE = 50
ToHtml = Callable[[list[QueueRow]], SafeString]


@dataclass(frozen=True)
class Group:
    """Rows that stand together under a heading, which is empty in a list without groups. `count` on all pages."""

    letter: str
    name: str
    count: str
    rows: list[QueueRow]
    html: SafeString


@dataclass(frozen=True)
class QueueList:
    """A page of a queue. `before` and `after` are query strings, empty where the list ends.

    `deeds` are what can be done to chosen tickets, where the person may.
    `state` is what a browser that shows this page has: it sends it back to be told what differs.
    """

    tab: Tab
    filters: QueueFilter
    counts: QueueCounts
    groups: list[Group] = field(default_factory=list)
    before: str = ""
    after: str = ""
    state: str = ""
    selectable: bool = False
    deeds = tuple(DEEDS.values())

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 7 + (self.tab.tier is None) + self.selectable

    @property
    def rows(self) -> list[QueueRow]:
        """The rows of all groups."""
        return [row for group in self.groups for row in group.rows]

    @property
    def tabs(self) -> list[CountedTab]:
        """Every queue, with how many tickets stand in it."""
        return counted_tabs(self.counts.tabs_said)

    @property
    def everywhere(self) -> str:
        """The query string that looks for the same among all tickets."""
        return self.filters.query(status=ANY)

    @property
    def here(self) -> str:
        """The query string of this page."""
        return self.filters.query(**self.filters.place)

    @property
    def first(self) -> str:
        """The query string of the first page."""
        return self.filters.query()

    @property
    def whole(self) -> str:
        """The query string of all pages together, as a file."""
        return self.filters.query(tab=self.tab.key)


def page_of(tickets: QuerySet[Ticket], filters: QueueFilter) -> QuerySet[Ticket]:
    """The tickets of the page that `filters` name, in its order or, for a page before a place, in the other one; and
    one more, if there is one."""
    if filters.cursor is not None:
        tickets = tickets.filter(filters.cursor.beyond(backwards=filters.backwards))
    tickets = tickets.order_by(*filters.order)
    return (tickets.reverse() if filters.backwards else tickets)[: PAGE_SIZE + 1]


def read_list(tab: Tab, filters: QueueFilter, person: Person, now: dt.datetime) -> QueueList:
    """The page that `filters` name; three queries, one less when the page is the whole list."""
    standing = read_standing(now, filters)
    if filters.errors:
        return QueueList(tab, filters, read_counts(tab.key, filters, person, standing, counted={}))
    page, counted = _read_page(tab.key, filters, person, now)
    if filters.backwards and len(page) <= PAGE_SIZE:
        filters = filters.on_first_page()
        page, counted = _read_page(tab.key, filters, person, now)
    more = len(page) > PAGE_SIZE
    counts = read_counts(tab.key, filters, person, standing, counted)
    shown = page[:PAGE_SIZE]
    if filters.backwards:
        shown.reverse()
    earlier, later = (more, True) if filters.backwards else (filters.cursor is not None, more)
    ends = [str(cursor_of(ticket, newest=filters.newest)) for ticket in (shown[0], shown[-1])] if shown else ["", ""]
    groups = _groups(shown, counts, filters, now, partial(html_of_all, viewer=person, shows_tier=tab.tier is None))
    rows = [SeenRow(row.ticket.number, row.ticket.version, row.group) for group in groups for row in group.rows]
    settled = is_settled(filters, [ticket.order_at for ticket in shown], PAGE_SIZE, now)
    ends_at = until(tab.key, filters, counts, shown, whole=len(shown) == counts.total, settled=settled)
    return QueueList(
        tab=tab,
        filters=filters,
        counts=counts,
        groups=groups,
        state=str(Seen.of(counts, "", rows, person, ends_at)),
        before=filters.query(before=ends[0]) if earlier and shown else "",
        after=filters.query(after=ends[1]) if later and shown else "",
        selectable=person.has_perm(CHANGE),
    )


def _read_page(
    tab: str, filters: QueueFilter, person: Person, now: dt.datetime
) -> tuple[list[Listed], Counter[str] | None]:
    """The page and one more; and how many tickets of the list are in each group, when that is known by it."""
    if filters.text and not filters.newest and filters.cursor is None:
        return _search(Ticket.objects.filter(matching(tab, filters, person, now)), now)
    page: list[Listed] = []
    for wanted in conditions(tab, filters, person, now):
        page = _read(page_of(Ticket.objects.filter(wanted), filters))
        if len(page) > PAGE_SIZE:
            return page, None
    return page, Counter(group_of(ticket, now) for ticket in page) if filters.cursor is None else None


def _search(found: TicketQuerySet, now: dt.datetime) -> tuple[list[Listed], Counter[str]]:
    """The first page of what is found by words: looking for them takes longest, so it is counted in the same go."""
    places = list(found.in_queue_order().values_list("number", "order_at")[: ENOUGH + 1])
    numbers = [number for number, _ in places[: PAGE_SIZE + 1]]
    tickets = {ticket.number: ticket for ticket in _read(Ticket.objects.filter(number__in=numbers).order_by())}
    page = [tickets[number] for number in numbers if number in tickets]
    return page, Counter(group_at(order, now) for _, order in places)


def _read(tickets: QuerySet[Ticket]) -> list[Listed]:
    return list(map(Listed._make, tickets.values_list(*COLUMNS)))


def _groups(
    tickets: list[Listed], counts: QueueCounts, filters: QueueFilter, now: dt.datetime, html: ToHtml
) -> list[Group]:
    if filters.newest:
        alike = [QueueRow(ticket, now, NONE) for ticket in tickets]
        return [Group(NONE, "", "", alike, html(alike))] if alike else []
    rows = [QueueRow(ticket, now, group_of(ticket, now)) for ticket in tickets]
    groups, said = [], counts.groups_said
    for letter, name in GROUPS.items():
        if mine := [row for row in rows if row.group == letter]:
            groups.append(Group(letter, name, said[letter], mine, html(mine)))
    return groups
