"""Days of services made by hand: spans, windows and outages as rows, without readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from maintenance.models import MaintenanceWindow, Outage, Probe, Span
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from tests.maintenance.probing import make_probe
from zbmaint.access.models import Person

DAY = dt.date(2026, 4, 6)
MIDNIGHT = dt.datetime(2026, 4, 6, tzinfo=dt.UTC)
STATES = {"u": UP, "g": DEGRADED, "d": DOWN}


def clock(hours: float) -> dt.datetime:
    """A time of the day; hours below 0 and above 24 are those of other days."""
    return MIDNIGHT + dt.timedelta(hours=hours)


def make_service(name: str, spans: str = "", *, since: float = -48, **facts: Any) -> Probe:
    """A service that exists since `since` (an hour), with spans such as `u0-8 d8-9.5`."""
    probe = make_probe(name, **facts)
    Probe.objects.filter(pk=probe.pk).update(created_at=clock(since))
    for span in spans.split():
        begins, ends = span[1:].rsplit("-", 1)
        Span.objects.create(probe=probe, state=STATES[span[0]], begins=clock(float(begins)), ends=clock(float(ends)))
    probe.refresh_from_db()
    return probe


def make_window(
    services: Sequence[Probe], begins: float, ends: float, *, approved: float | None, by: Person
) -> MaintenanceWindow:
    """Maintenance that was asked for two days before, and approved at an hour (None: not yet)."""
    window = MaintenanceWindow.objects.create(
        begins_at=clock(begins),
        ends_at=clock(ends),
        reason="New release",
        requested_by=by,
        requested_at=clock(-48),
        approved_by=None if approved is None else by,
        approved_at=None if approved is None else clock(approved),
    )
    window.services.set(services)
    return window


def make_outage(probe: Probe, begins: float, ends: float | None = None) -> Outage:
    """An outage that was confirmed at once."""
    return Outage.objects.create(
        probe=probe,
        started_at=clock(begins),
        confirmed_at=clock(begins),
        ended_at=None if ends is None else clock(ends),
        reason="Refused",
    )
