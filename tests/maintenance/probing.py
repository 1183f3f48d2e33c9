"""Probes as rows, and what was read of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from maintenance.models import MaintenanceWindow, Probe
from maintenance.prober.recording import Read, store
from maintenance.prober.slots import Slot
from maintenance.rules.probe_states import DOWN, UP
from zbmaint.access.models import Person

START = dt.datetime(2026, 4, 5, 3, 0, tzinfo=dt.UTC)


def make_probe(name: str = "Web", url: str = "http://127.0.0.1:1/", **facts: Any) -> Probe:
    """An HTTP probe every 30 s that is due now."""
    given = {
        "kind": "http",
        "parameters": {"url": url, "statuses": "200-299", "expects": "", "follow": False},
        "next_at": timezone.now(),
    }
    return Probe.objects.create(name=name, **given | facts)


def no_others() -> None:
    """Retire the probes that are installed, so that only those of the test are looked at."""
    Probe.objects.update(retired_at=timezone.now())


def read(probe: Probe, seconds: float, state: str = UP, reason: str = "", start: dt.datetime = START) -> Read:
    """A reading `seconds` after the start."""
    return Read(probe.pk, start + dt.timedelta(seconds=seconds), state, reason or ("Refused" * (state == DOWN)), 12)


def tell(probe: Probe, letters: str, start: dt.datetime = START) -> Probe:
    """Store readings one interval apart: u is up, d down."""
    gap = probe.interval_seconds
    reads = [read(probe, gap * place, UP if each == "u" else DOWN, start=start) for place, each in enumerate(letters)]
    store(reads)
    probe.refresh_from_db()
    return probe


def make_window(
    services: Sequence[Probe], by: Person, *, begins: dt.datetime | None = None, seconds: float = 3600
) -> MaintenanceWindow:
    """Maintenance that is asked for and not approved; it begins now unless `begins` says otherwise."""
    since = begins or timezone.now()
    window = MaintenanceWindow.objects.create(
        begins_at=since,
        ends_at=since + dt.timedelta(seconds=seconds),
        reason="New release",
        requested_by=by,
        requested_at=since,
    )
    window.services.set(services)
    return window


def slot(kind: str = "http", *, timeout: float = 5.0, probe: int = 1, **parameters: Any) -> Slot:
    """A slot that was taken now."""
    return Slot(probe, kind, parameters, "", 30.0, timeout, None, timezone.now())
