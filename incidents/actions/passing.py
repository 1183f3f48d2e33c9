"""Writing down, once each, what the clocks of tickets have passed."""

from __future__ import annotations

import datetime as dt

from incidents.actions.changing import changing
from incidents.models import Ticket

BATCH = 500


def record_passed(now: dt.datetime) -> int:
    """Record the thresholds that were passed by now: pages do not wait for this, they compute it at read.

    Returns how many tickets. What a moment was is computed, so a ticker that was away loses nothing.
    """
    due = Ticket.objects.filter(next_clock_at__lte=now).order_by("next_clock_at")
    numbers = list(due.values_list("number", flat=True)[:BATCH])
    for number in numbers:
        with changing(number, actor=None) as change:
            if change.clocks is None:
                continue
            change.passed(change.clocks.record_passed(change.now))
            change.verb = "ticket_clock_passed"
    return len(numbers)
