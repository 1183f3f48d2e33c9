"""The groups of the queue, in the order of the list: what is due first stands first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Q

from incidents.models import Ticket
from incidents.models.ticket import ANSWERED as ANSWERED_AT
from incidents.models.ticket import PAUSED as PAUSED_AT
from incidents.rules.clocks import SOON

OVERDUE, DUE_SOON, ON_TRACK, ANSWERED, PAUSED = "o", "d", "t", "a", "p"
NONE: Final = "n"  # of a list that is not in groups
GROUPS: Final = {
    OVERDUE: "Overdue",
    DUE_SOON: "Due within 30 minutes",
    ON_TRACK: "On track",
    ANSWERED: "Answered",
    PAUSED: "Paused",
}


def group_of(ticket: Ticket, now: dt.datetime) -> str:
    """The letter of the group of `ticket`; for a finished one, for which nothing runs, that of answered."""
    if ticket.paused_until is not None:
        return PAUSED
    if ticket.due_at is None:
        return ANSWERED
    if ticket.due_at <= now:
        return OVERDUE
    return DUE_SOON if ticket.due_at <= now + SOON else ON_TRACK


def in_group(letter: str, now: dt.datetime) -> Q:
    """The same as a condition on unfinished tickets, which an index in the order of the queue answers."""
    return {
        OVERDUE: Q(order_at__lte=now),
        DUE_SOON: Q(order_at__gt=now, order_at__lte=now + SOON),
        ON_TRACK: Q(order_at__gt=now + SOON, order_at__lt=ANSWERED_AT),
        ANSWERED: Q(order_at=ANSWERED_AT),
        PAUSED: Q(order_at=PAUSED_AT),
    }[letter]
