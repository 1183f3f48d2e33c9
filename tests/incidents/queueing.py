"""Tickets as they stand in a queue, for tests of its pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from incidents.actions.opening import Draft, open_ticket
from incidents.models import Ticket


def queued(title: str = "It is broken", *, due: float | None = 120, **facts: Any) -> Ticket:
    """A ticket that is due in so many minutes (None: answered); `facts` are those of its draft, or columns.

    It is at risk in the last minute only, unless `at_risk_at` is given.
    """
    of_draft = {
        name: facts.pop(name) for name in ("severity", "tier", "tags", "category", "description") if name in facts
    }
    ticket = open_ticket(Draft(title=title, reporter="member 12", **of_draft), actor=None)
    now = timezone.now()
    columns: dict[str, Any] = {"due_at": None, "due_clock": "", "at_risk_at": None, "first_response_at": now}
    if due is not None:
        due_at = now + dt.timedelta(minutes=due)
        at_risk = due_at - dt.timedelta(minutes=1)
        columns = {"due_at": due_at, "due_clock": "response", "at_risk_at": at_risk, "first_response_at": None}
    Ticket.objects.filter(pk=ticket.pk).update(**columns | facts)
    ticket.refresh_from_db()
    return ticket
