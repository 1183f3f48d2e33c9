"""Purging tickets that ended long ago."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from incidents.models import Ticket
from incidents.rules import ticket_states

BATCH = 500


def purge(now: dt.datetime) -> int:
    """Delete tickets resolved or closed more than TICKET_RETENTION_DAYS ago, with their timelines and links.

    In batches, each its own transaction, so that nothing waits long for it. What is open or in progress stays however
    old it is. Returns how many tickets.
    """
    before = now - dt.timedelta(days=settings.TICKET_RETENTION_DAYS)
    old = Ticket.objects.filter(status__in=ticket_states.FINISHED, resolved_at__lt=before).order_by("number")
    count = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        Ticket.objects.filter(pk__in=batch).delete()
        count += len(batch)
    return count
