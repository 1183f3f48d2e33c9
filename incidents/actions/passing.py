"""Writing down, once each, what the clocks of tickets have passed."""

from __future__ import annotations

import datetime as dt

from incidents.actions.changing import changing
from incidents.actions.rounds import go_round
from incidents.models import Ticket


def record_passed(now: dt.datetime) -> int:
    """Record the thresholds that were passed by now: pages do not wait for this, they compute it at read.

    Returns how many tickets. What a moment was is computed, so a ticker that was away loses nothing.
    """
    due = Ticket.objects.filter(next_clock_at__lte=now).order_by("next_clock_at")
    return go_round(due, _record, "clocks")


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
