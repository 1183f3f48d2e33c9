"""The groups of the queue, in the order of the list: what is due first stands first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from incidents.models import Ticket
from incidents.models.ticket import ANSWERED as ANSWERED_AT
from incidents.models.ticket import PAUSED as PAUSED_AT
from incidents.rules.clocks import SOON
from incidents.views.queue_row import Listed

OVERDUE, DUE_SOON, ON_TRACK, ANSWERED, PAUSED = "o", "d", "t", "a", "p"
NONE: Final = "n"  # of a list that is not in groups
GROUPS: Final = {
    OVERDUE: "Overdue",
    DUE_SOON: "Due within 30 minutes",
    ON_TRACK: "On track",
    ANSWERED: "Answered",
    PAUSED: "Paused",
}


# How many stand in a group or in one before it.
COUNT: Final = """
SELECT count(*) FILTER (WHERE order_at <= %s), count(*) FILTER (WHERE order_at <= %s),
       count(*) FILTER (WHERE order_at < %s), count(*) FILTER (WHERE order_at < %s), count(*)
FROM ({found}) AS found
"""


def group_of(ticket: Listed, now: dt.datetime) -> str:
    """The letter of the group of `ticket`; for a finished one, for which nothing runs, that of answered."""
    return group_at(ticket.order_at, now)


def group_at(order: dt.datetime, now: dt.datetime) -> str:
    """The letter of the group that has this place in the order."""
    if order <= now:
        return OVERDUE
    if order <= now + SOON:
        return DUE_SOON
    return PAUSED if order >= PAUSED_AT else ANSWERED if order >= ANSWERED_AT else ON_TRACK


def count_groups(tickets: QuerySet[Ticket], now: dt.datetime) -> dict[str, int]:
    """The same for many unfinished `tickets` in the order of the queue, counted in the index that has it."""
    found, given = tickets.values("order_at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(found=found), [now, now + SOON, ANSWERED_AT, PAUSED_AT, *given])
        up_to = cursor.fetchone()
    return {letter: after - before for letter, before, after in zip(GROUPS, (0, *up_to), up_to, strict=False)}
