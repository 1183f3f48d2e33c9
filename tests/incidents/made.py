"""Tickets as rows, and alerts, for tests of what shows or takes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from incidents.actions.intake import receive
from incidents.intake.alert import Alert
from incidents.models import Ticket, VendorEscalation
from zbmaint.access.models import Person


def alert(**facts: Any) -> Alert:
    """A firing alert about the disk of one host."""
    given: dict[str, Any] = {
        "key": "disk:ops-1",
        "title": "Disk of ops-1 is full",
        "severity": "medium",
        "status": "firing",
        "source": "test",
        "occurred_at": timezone.now() - dt.timedelta(minutes=1),
    }
    return Alert(**given | facts)


def resolved(**facts: Any) -> Alert:
    """The same, resolved."""
    return alert(**{"status": "resolved", "title": "Disk of ops-1 has room again"} | facts)


def make_ticket(**facts: Any) -> Ticket:
    """The ticket that such an alert opens."""
    ticket = receive(alert(**facts))
    assert ticket is not None
    return ticket


def add_vendor(ticket: Ticket, by: Person) -> VendorEscalation:
    """That a ticket is with a vendor."""
    return VendorEscalation.objects.create(
        ticket=ticket,
        criterion="Vendor escalation needed",
        reason="Their relay refuses us",
        vendor="MailCo",
        contact="support@mailco.example",
        at=timezone.now(),
        by=by,
    )
