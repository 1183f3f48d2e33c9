"""The groups of the queue, in the order of the list: what is due first stands first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Q

from incidents.models import Ticket
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
    """The same as a condition."""
    runs = Q(paused_until__isnull=True)
    return {
        OVERDUE: runs & Q(due_at__lte=now),
        DUE_SOON: runs & Q(due_at__gt=now, due_at__lte=now + SOON),
        ON_TRACK: runs & Q(due_at__gt=now + SOON),
        ANSWERED: runs & Q(due_at__isnull=True),
        PAUSED: Q(paused_until__isnull=False),
    }[letter]
