"""The tickets that come first: those whose target is missed, or next to be."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils.safestring import SafeString

from incidents.models import Ticket
from incidents.models.ticket import PAUSED
from incidents.views.queue_face import html_of
from incidents.views.queue_groups import group_of
from incidents.views.queue_row import COLUMNS, Listed, QueueRow
from zbmaint.access.models import Person
from zbmaint.prepared import Prepared

MOST: Final = 8
FIRST: Final = Prepared(
    lambda: Ticket.objects.unfinished().filter(order_at__lt=PAUSED).in_queue_order().values_list(*COLUMNS)[:MOST]
)


def first_tickets(viewer: Person, now: dt.datetime) -> list[SafeString]:
    """The rows of the unfinished tickets with the next targets, as `viewer` sees them; one query."""
    tickets = map(Listed._make, FIRST.rows())
    rows = [QueueRow(ticket, now, group_of(ticket, now)) for ticket in tickets]
    return [html_of(row, viewer, shows_tier=True, selectable=False) for row in rows]
