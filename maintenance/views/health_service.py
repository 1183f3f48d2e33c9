"""The page of one service: how it stands, what was read last, how long it was up, its outages and erasures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance.kpis import service_reading
from maintenance.models import Outage, Probe, Reading
from maintenance.models.target import OWN
from maintenance.probes.catalog import KINDS, title_of
from maintenance.rules.probe_states import UNKNOWN
from maintenance.rules.uptime import Totals
from maintenance.views.health_bars import DAYS, bars, first_day
from maintenance.views.health_cards import milliseconds
from maintenance.views.health_page import read_outages
from maintenance.views.health_uptime import Figures, read_days
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.rollup import days
from zbmaint.ui.words import duration

PERIODS: Final = (7, 30, DAYS)
MOST_READINGS: Final = 20


@dataclass(frozen=True)
class Period:
    """The last `number` days."""

    number: int
    figures: Figures


@dataclass(frozen=True)
class ReadingRow:
    """A reading in words."""

    at: dt.datetime
    state: str
    took: str
    reason: str
    planned: bool


@requires("maintenance.view_probe")
@require_GET
def health_service(request: SignedIn, probe_id: int) -> HttpResponse:
    """The page."""
    now = timezone.now()
    probe = get_object_or_404(Probe.objects.with_windows(now).select_related("target"), pk=probe_id)
    return render(request, "maintenance/health_service.html", read(probe, now))


def _place(probe: Probe) -> str:
    """Where it looks: at an address, a target, or at what belongs to the product."""
    kind = KINDS.get(probe.kind)
    place = (kind.place(probe.parameters) if kind else "") or str(probe.target or "–")
    return "the desk's own" if place == OWN else place


def read(probe: Probe, now: dt.datetime) -> dict[str, Any]:
    """What the page shows of `probe`."""
    last = days.day_of(now)
    by_day = read_days(first_day(last), last, [probe.pk]).get(probe.pk, {})
    periods = [Period(number, Figures(_sum(by_day, first_day(last, number)))) for number in PERIODS]
    return {
        "probe": probe,
        "kind": title_of(probe.kind),
        "place": _place(probe),
        "state": probe.state_at(now) if probe.retired_at is None else "retired",
        "every": duration(probe.interval_seconds),
        "took": milliseconds(probe.last_ms) if probe.last_ms is not None else "–",
        "periods": periods,
        "bars": bars(by_day, last),
        "readings": [
            ReadingRow(each.at, each.state, _took(each), each.reason, each.planned)
            for each in probe.readings.order_by("-at")[:MOST_READINGS]
        ],
        "outages": read_outages(Outage.objects.filter(probe=probe), last),
        # Nothing is asked for what did not happen: to find the windows costs more than all the rest.
        "erasures": service_reading.erasures(first_day(last), last, probe.pk) if periods[-1].figures.erased else [],
    }


def _took(reading: Reading) -> str:
    """Nothing of what was no look, as of pausing."""
    return "–" if reading.state == UNKNOWN and not reading.milliseconds else milliseconds(reading.milliseconds)


def _sum(by_day: dict[dt.date, Totals], first: dt.date) -> Totals:
    return sum((totals for day, totals in by_day.items() if day >= first), Totals())
