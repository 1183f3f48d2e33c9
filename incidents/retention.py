"""Purging tickets that ended long ago, and the days of long ago."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection

from incidents.measures.rolling import KIND
from incidents.models import Delivery, Rejection, Ticket
from incidents.models.delivery import State
from incidents.rules import ticket_states
from zbmaint.rollup import rolling

BATCH = 500
UNUSED_TAGS = """
DELETE FROM incidents_tag
WHERE NOT EXISTS (SELECT FROM incidents_ticket WHERE tags @> jsonb_build_array(incidents_tag.name))
"""


def purge(now: dt.datetime) -> int:
    """Delete tickets resolved or closed more than TICKET_RETENTION_DAYS ago, with all that belongs to them, and
    the tags that nobody uses any more.

    In batches, each its own transaction, so that nothing waits long for it. What is open or in progress stays however
    old it is. Returns how many tickets.
    """
    before = now - dt.timedelta(days=settings.TICKET_RETENTION_DAYS)
    old = Ticket.objects.filter(status__in=ticket_states.FINISHED, resolved_at__lt=before).order_by("number")
    count = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        Ticket.objects.filter(pk__in=batch).delete()
        count += len(batch)
    forget_tags()
    return count


def purge_deliveries(now: dt.datetime) -> int:
    """Delete what sources delivered more than PAYLOAD_RETENTION_DAYS ago, and counts of what was turned away then.

    In batches. What still waits to be read stays however old it is. Returns how many deliveries.
    """
    before = now - dt.timedelta(days=settings.PAYLOAD_RETENTION_DAYS)
    settled = Delivery.objects.filter(state__in=[State.PROCESSED, State.FAILED, State.DISMISSED])
    old = settled.filter(received_at__lt=before).order_by("received_at")
    count = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        # Asked again: one of them may be tried again meanwhile.
        count += settled.filter(pk__in=batch).delete()[0]
    Rejection.objects.filter(day__lt=before.date()).delete()
    return count


def purge_days(now: dt.datetime) -> int:
    """Delete the days of tickets and of people that are older than ROLLUP_RETENTION_DAYS. Returns how many rows."""
    return rolling.purge(KIND, now)


def forget_tags() -> int:
    """Take the tags that no ticket has any more from the list to choose from. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(UNUSED_TAGS)
        gone: int = cursor.rowcount
    return gone
