"""Metrics of services: whether they are up, their uptime, and what is left of their error budgets."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db.backends.utils import CursorWrapper
from django.db.models import Case, Q, QuerySet, Value, When

from maintenance.kpis import service_days
from maintenance.models import SYSTEM, MaintenanceWindow, Probe
from maintenance.rules import probe_states
from maintenance.rules.probe_states import Standing, Terms
from zbmaint.dashboard.metrics.burn_families import burn_family
from zbmaint.dashboard.metrics.counts import Counts
from zbmaint.dashboard.metrics.exposition import Family, label, unix
from zbmaint.dashboard.metrics.keeping import Kept
from zbmaint.dashboard.metrics.uptime_families import Told, uptime_families
from zbmaint.prepared import Prepared, answers
from zbmaint.rollup import days

# Seconds that a process keeps what it made of days (unless they are rolled anew) and of spans, which are most of a
# scrape: days are rolled once a minute, and readings, which make spans, come twice.
DAYS_KEPT: Final = 60.0
SPANS_KEPT: Final = 10.0
SYSTEM_NAME: Final = "system"
_SYSTEM: Final = Told(SYSTEM, label("service", SYSTEM_NAME), None, 0)
_told: Kept[list[Told]] = Kept(math.inf)
_uptimes: Kept[list[Family]] = Kept(DAYS_KEPT)
_burns: Kept[list[Family]] = Kept(SPANS_KEPT)


class Look(NamedTuple):
    """What a scrape reads of a probe; `last` is when it looked, in seconds of Unix time."""

    pk: int
    name: str
    slo_percent: Decimal | None
    interval: int
    timeout: int
    last: float | None
    last_ms: int | None
    state: str
    is_paused: bool
    is_planned: bool

    def state_at(self, now: dt.datetime) -> str:
        """As `Probe.state_at`, without a probe: most of a scrape would be making hundreds of them."""
        at = None if self.last is None else dt.datetime.fromtimestamp(self.last, dt.UTC)
        standing, terms = Standing(at, self.state), _terms(self.interval, self.timeout)
        return probe_states.shown(standing, terms, now, paused=self.is_paused, planned=self.is_planned)


@lru_cache(maxsize=256)
def _terms(interval: int, timeout: int) -> Terms:
    return Terms(interval, timeout)


def _looked_at(now: dt.datetime) -> QuerySet[Probe, Any]:
    """As Look has it; see `Probe.is_planned`."""
    windows = MaintenanceWindow.objects.approved().filter(begins_at__lte=now, ends_at__gt=now).order_by()
    planned = Q(planned_until__gt=now) | Q(pk__in=windows.values("services"))
    rows = (
        Probe.objects.filter(retired_at__isnull=True)
        .order_by("name")
        .annotate(
            last=unix("last_at"),
            paused=Q(paused_at__isnull=False),
            planned=Case(When(planned, then=Value(True)), default=Value(False)),
        )
    )
    return rows.values_list(
        "pk", "name", "slo_percent", "interval_seconds", "timeout_seconds", "last", "last_ms", "state", "paused",
        "planned",
    )  # fmt: skip


_LOOKS: Final[Prepared[Probe]] = Prepared(_looked_at, dt.datetime.min.replace(tzinfo=dt.UTC))


def ask(now: dt.datetime) -> CursorWrapper:
    """Ask where probes stand."""
    return _LOOKS.ask(now)


def families(asked: CursorWrapper, now: dt.datetime, counts: Counts) -> list[Family]:
    """All of them; three queries more, or none while neither days were rolled nor time has passed."""
    looks = [Look(*row) for row in answers(asked)]
    told = _told.get([look[:4] for look in looks], lambda: [_told_of(look) for look in looks])
    today, edition = days.day_of(now), counts.editions.get(service_days.KIND, 0)
    uptime = _uptimes.get((told, today, edition), lambda: _joined(uptime_families([_SYSTEM, *told], today)))
    return [*_looks(looks, told, now), *uptime, *_burns.get(told, lambda: _joined([burn_family(told, now)]))]


def _joined(read: Sequence[Family]) -> list[Family]:
    return [family.joined() for family in read]


def _told_of(look: Look) -> Told:
    """Only the system is called as the system is."""
    name = f"{look.name} (probe {look.pk})" if look.name == SYSTEM_NAME else look.name
    slo = None if look.slo_percent is None else float(look.slo_percent) / 100
    return Told(look.pk, label("service", name), slo, look.interval)


def _looks(looks: Sequence[Look], told: Sequence[Told], now: dt.datetime) -> list[Family]:
    up = Family("zbmaint_probe_up", "gauge", "1 while a service is up or degraded, 0 while it is down; else unknown.")
    took = Family("zbmaint_probe_duration_seconds", "gauge", "How long the last look at a service took.")
    for look, service in zip(looks, told, strict=True):
        state = look.state_at(now)
        if state in probe_states.WORKING or state == probe_states.DOWN:
            up.put(int(state in probe_states.WORKING), service.label)
            took.put(None if look.last_ms is None else look.last_ms / 1000, service.label)
    return [up, took]
