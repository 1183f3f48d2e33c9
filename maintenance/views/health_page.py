"""What the health page shows, read once, and rendered in parts that follow what happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from incidents.models import Ticket
from maintenance import alerts
from maintenance.kpis import application_numbers, platform
from maintenance.models import HealthReport, MaintenanceWindow, Outage, Probe
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from maintenance.views.health_bars import first_day
from maintenance.views.health_cards import part_cards, source_cards
from maintenance.views.health_uptime import read_uptime
from maintenance.views.page_parts import Parts, drawn
from zbmaint.access.models import Person
from zbmaint.rollup import days

PARTS: Final = ("banner", "cards", "uptime", "outages", "reports")
MOST_OUTAGES: Final = 20
MOST_REPORTS: Final = 10
TONES: Final = {UP: "success", DEGRADED: "warning", DOWN: "danger"}


@dataclass(frozen=True)
class OutageRow:
    """An outage with the ticket that it opened, if any."""

    outage: Outage
    ticket: Ticket | None


@dataclass(frozen=True)
class Outages:
    """The last outages that began within the days that are shown; how many there were, and how long in all."""

    rows: list[OutageRow]
    number: int
    length: dt.timedelta

    @property
    def hidden(self) -> int:
        """How many are not among the rows."""
        return self.number - len(self.rows)


def read_parts(person: Person) -> Parts:
    """Every part of the page as `person` may see it."""
    now = timezone.now()
    probes = list(Probe.objects.with_windows(now).filter(retired_at=None))
    sources = application_numbers.read(now)
    seen = platform.look(now, probes, sources)
    shown, folded = source_cards(sources)
    last = days.day_of(now)
    context = {
        "overall": seen.overall,
        "tone": TONES.get(seen.overall.state, "info"),
        "symbol": "check" if seen.overall.state == UP else "alert",
        "cards": part_cards(seen, probes),
        "sources": shown,
        "folded": folded,
        "uptime": read_uptime(probes, last),
        "outages": read_outages(Outage.objects.all(), last),
        "windows": coming_windows(now),
        "reports": list(HealthReport.objects.select_related("asked_by").defer("content")[:MOST_REPORTS]),
        "sees_tickets": person.has_perm("incidents.view_ticket"),
    }
    return Parts({name: drawn(f"maintenance/health/{name}.html", context) for name in PARTS})


def read_outages(outages: QuerySet[Outage], last: dt.date) -> Outages:
    """Those of `outages` that began within the days until `last`. Three queries."""
    began = outages.filter(started_at__gte=days.begins(first_day(last)))
    counted = began.order_by().aggregate(number=Count("pk"), length=Sum(Coalesce("ended_at", Now()) - F("started_at")))
    found = list(began.select_related("probe")[:MOST_OUTAGES])
    tickets = alerts.tickets_about("outage", [str(outage.pk) for outage in found])
    return Outages(
        [OutageRow(outage, tickets.get(str(outage.pk))) for outage in found],
        counted["number"],
        counted["length"] or dt.timedelta(),
    )


def coming_windows(now: dt.datetime) -> dict[str, int]:
    """How many maintenance windows go on or are to come: those that are `approved`, and those that are `asked` for and
    count only once somebody approves them. One query."""
    ahead = MaintenanceWindow.objects.filter(withdrawn_at=None, ends_at__gt=now)
    return ahead.aggregate(
        approved=Count("pk", filter=Q(approved_at__isnull=False)), asked=Count("pk", filter=Q(approved_at=None))
    )
