"""Writing down, once each, what the clocks of tickets have passed."""

from __future__ import annotations

import datetime as dt

import structlog

from incidents.actions.changing import changing
from incidents.models import Ticket

BATCH = 500
log = structlog.get_logger(__name__)


def record_passed(now: dt.datetime) -> int:
    """Record the thresholds that were passed by now: pages do not wait for this, they compute it at read.

    Returns how many tickets. What a moment was is computed, so a ticker that was away loses nothing.
    """
    due = Ticket.objects.filter(next_clock_at__lte=now).order_by("next_clock_at")
    numbers = list(due.values_list("number", flat=True)[:BATCH])
    for number in numbers:
        try:
            _record(number)
        except Exception:  # one ticket that cannot be counted keeps no other from being
            log.exception("ticket_clock_failed", ticket=number)
    return len(numbers)


def _record(number: int) -> None:
    with changing(number, actor=None) as change:
        clocks, ticket = change.clocks, change.ticket
        events = clocks.record_passed(change.now) if clocks is not None else []
        change.passed(events)
        change.verb = "ticket_clock_passed"
        if not change.entries:  # nothing to tell, and nothing to be asked for again at once
            ticket.next_clock_at = None
            if clocks is not None:
                clocks.refresh(change.now)
            ticket.save(update_fields=["due_at", "due_clock", "at_risk_at", "next_clock_at"])
