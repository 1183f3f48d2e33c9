"""Tickets as rows, and alerts, for tests of what shows or takes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from incidents.actions.intake import receive
from incidents.actions.opening import Draft, open_ticket
from incidents.intake.alert import Alert
from incidents.models import Calendar, ResponseTarget, Ticket, Tier, VendorEscalation
from zbmaint.access.models import Person, Role


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


def open_one(**facts: Any) -> Ticket:
    """A ticket that a person opens, medium and in tier 1 unless `facts` of a Draft say otherwise; `actor` opens it."""
    actor = facts.pop("actor", None)
    given: dict[str, Any] = {"title": "Nobody can print", "reporter": "Front desk"}
    return open_ticket(Draft(**given | facts), actor=actor)


def make_team() -> dict[str, Person]:
    """Ann and Ada of tier 1, Ben and Bea of tier 2, Cem and Cleo of tier 3, and Lee, a lead of no tier."""
    team = {}
    for name, role, tier in (
        ("ann", "tier1", 1),
        ("ada", "tier1", 1),
        ("ben", "tier2", 2),
        ("bea", "tier2", 2),
        ("cem", "tier3", 3),
        ("cleo", "tier3", 3),
        ("lee", "lead", None),
    ):
        facts = {"role": Role.objects.get(key=role), "tier": tier, "name": name.title(), "email": f"{name}@example.org"}
        team[name] = Person.objects.create(username=name, **facts)
    return team


def on_call(tier: int, person: Person | None) -> None:
    """Let `person` be on call for a tier, which gets what no rule gives to somebody."""
    Tier.objects.filter(number=tier).update(on_call=person)


def office_hours(tier: int, *holidays: str) -> None:
    """Let a tier work from Monday to Friday, 8 to 17 in Harare (6 to 15 UTC)."""
    calendar, _ = Calendar.objects.get_or_create(
        name="Office",
        defaults={
            "time_zone": "Africa/Harare",
            "week": [[[480, 1020]]] * 5 + [[], []],
            "holidays": [[day, "A holiday"] for day in holidays],
        },
    )
    Tier.objects.filter(number=tier).update(calendar=calendar)


def resolution_target(minutes: int | None, **which: Any) -> None:
    """Give the response targets that `which` selects (all of them, without) a target to the resolution as well."""
    ResponseTarget.objects.filter(**which).update(resolution_minutes=minutes)


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
