"""The tickets that come first: those whose target is missed, or next to be."""

from __future__ import annotations

import datetime as dt

from django.utils.safestring import SafeString

from incidents.models import Ticket
from incidents.models.ticket import PAUSED
from incidents.views.queue_face import html_of
from incidents.views.queue_groups import group_of
from incidents.views.queue_row import COLUMNS, Listed, QueueRow
from zbmaint.access.models import Person


def first_tickets(viewer: Person, now: dt.datetime, most: int) -> list[SafeString]:
    """The rows of the `most` unfinished tickets with the next targets, as `viewer` sees them; one query."""
    found = Ticket.objects.unfinished().filter(order_at__lt=PAUSED).in_queue_order()[:most]
    tickets = map(Listed._make, found.values_list(*COLUMNS))
    rows = [QueueRow(ticket, now, group_of(ticket, now)) for ticket in tickets]
    return [html_of(row, viewer, shows_tier=True, selectable=False) for row in rows]
