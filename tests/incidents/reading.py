"""What tests read of a ticket."""

from __future__ import annotations

import datetime as dt
from typing import Any

from incidents.models import ClockEvent, Stint, Ticket

NINE = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)  # a Monday


def after(**length: float) -> dt.datetime:
    """That long after nine."""
    return NINE + dt.timedelta(**length)


def again(ticket: Ticket) -> Ticket:
    """As it is in the database now."""
    return Ticket.objects.get(pk=ticket.pk)


def stint(ticket: Ticket) -> Stint:
    """Its last stay."""
    last = Stint.objects.filter(ticket=ticket).last()
    assert last is not None
    return last


def told(ticket: Ticket, *kinds: str) -> list[str]:
    """What its timeline says of these kinds; without, of all but who it was given to by itself, and who was told."""
    done = ticket.entries.exclude(kind="assigned", actor=None).exclude(kind__in=("notified", "unnotified"))
    entries = ticket.entries.filter(kind__in=kinds) if kinds else done
    return list(entries.order_by("version", "id").values_list("text", flat=True))


def events(ticket: Ticket, *, void: bool = False) -> list[tuple[str, int, dt.datetime]]:
    """What its clocks have passed: the clock, how much of its target, when."""
    found = ClockEvent.objects.filter(stint__ticket=ticket, void_at__isnull=not void).order_by("moment", "id")
    return list(found.values_list("clock", "threshold", "moment"))


def everything(ticket: Ticket) -> dict[str, Any]:
    """All rows of it, to see that nothing was written."""
    children = ("stints", "pauses", "entries", "watchers", "links", "vendor_escalations")
    rows = {name: list(getattr(ticket, name).order_by("pk").values()) for name in children}
    rows["events"] = list(ClockEvent.objects.filter(stint__ticket=ticket).order_by("pk").values())
    return rows | {"ticket": list(Ticket.objects.filter(pk=ticket.pk).values())}
