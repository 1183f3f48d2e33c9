"""Metrics of services: whether they are up, their uptime, and what is left of their error budgets."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Final

from django.db.models import Q, Sum

from maintenance.models import SYSTEM, MaintenanceWindow, Probe, ServiceDay, Span
from maintenance.rules import probe_states
from zbmaint.dashboard.metrics.burning import LONGEST, Interval, Piece, burn_rates, outside
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.rollup import days

# Whole days before today, and what has passed of today.
DAYS: Final = (1, 7, 30, 90)
BUDGET_DAYS: Final = 30
SYSTEM_NAME: Final = "system"
_COLUMNS: Final = ("up", "down", "unknown", "net_up", "net_down", "maintenance")


def families(now: dt.datetime) -> list[Family]:
    """All of them; four queries."""
    probes = list(Probe.objects.filter(retired_at__isnull=True).order_by("name"))
    names = {SYSTEM: SYSTEM_NAME} | {probe.pk: _name(probe) for probe in probes}
    return [*_looks(probes, now), *_uptime(probes, names, now), _burning(probes, now)]


def _name(probe: Probe) -> str:
    """Its name; only the system is called as the system is."""
    return f"{probe.name} (probe {probe.pk})" if probe.name == SYSTEM_NAME else probe.name


def _looks(probes: list[Probe], now: dt.datetime) -> list[Family]:
    up = Family("zbmaint_probe_up", "gauge", "1 while a service is up or degraded, 0 while it is down; else unknown.")
    took = Family("zbmaint_probe_duration_seconds", "gauge", "How long the last look at a service took.")
    for probe in probes:
        state = probe.state_at(now)
        known = state in probe_states.WORKING or state == probe_states.DOWN
        up.add(int(state in probe_states.WORKING) if known else None, service=_name(probe))
        took.add(probe.last_ms / 1000 if known and probe.last_ms is not None else None, service=_name(probe))
    return [up, took]


def _uptime(probes: list[Probe], names: dict[int, str], now: dt.datetime) -> list[Family]:
    ratio = Family("zbmaint_uptime_ratio", "gauge", "Up / (up + down) over so many days and today; net of maintenance.")
    coverage = Family("zbmaint_uptime_coverage_ratio", "gauge", "The share of that time of which anything is known.")
    left = Family(
        "zbmaint_slo_error_budget_remaining_ratio",
        "gauge",
        f"What is left of the down time that the objective allows in {BUDGET_DAYS} days; below 0: more was used.",
    )
    allowed = {probe.pk: 1 - float(probe.slo_percent) / 100 for probe in probes if probe.slo_percent is not None}
    for row in _day_sums(now):
        probe, service = row["probe"], names.get(row["probe"])
        if service is None:
            continue
        for number in DAYS:
            seen = {name: row[f"{name}_{number}"] for name in _COLUMNS}
            window = f"{number}d"
            gross, net = seen["up"] + seen["down"], seen["net_up"] + seen["net_down"]
            ratio.add(_share(seen["net_up"], net), service=service, window=window, kind="net")
            ratio.add(_share(seen["up"], gross), service=service, window=window, kind="gross")
            coverage.add(_share(net, gross + seen["unknown"] - seen["maintenance"]), service=service, window=window)
        down, known = row[f"net_down_{BUDGET_DAYS}"], row[f"net_up_{BUDGET_DAYS}"] + row[f"net_down_{BUDGET_DAYS}"]
        if known and allowed.get(probe, 0) > 0:
            left.add(1 - down / known / allowed[probe], service=service)
    return [ratio, coverage, left]


def _day_sums(now: dt.datetime) -> list[dict[str, Any]]:
    """By service the columns of ServiceDay, added up over each number of days."""
    today = days.day_of(now)
    sums = {
        f"{name}_{number}": Sum(name, filter=Q(day__gte=today - number * days.A_DAY), default=0)
        for name in _COLUMNS
        for number in DAYS
    }
    rows = ServiceDay.objects.filter(day__gte=today - max(DAYS) * days.A_DAY, day__lte=today)
    return list(rows.order_by("probe").values("probe").annotate(**sums))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _burning(probes: list[Probe], now: dt.datetime) -> Family:
    family = Family(
        "zbmaint_slo_burn_rate", "gauge", "How fast a service uses up its error budget: at 1, exactly in its period."
    )
    since = now - LONGEST
    pieces: dict[int, list[Piece]] = defaultdict(list)
    for probe, begins, ends, state in Span.objects.filter(ends__gt=since, begins__lt=now).values_list(
        "probe", "begins", "ends", "state"
    ):
        pieces[probe].append(Piece(begins, min(ends, now), state == probe_states.DOWN))
    planned: dict[int, list[Interval]] = defaultdict(list)
    windows = MaintenanceWindow.objects.approved().filter(ends_at__gt=since, begins_at__lt=now)
    for service, begins, ends in windows.order_by().values_list("services", "begins_at", "ends_at"):
        planned[service].append((begins, ends))
    for one in probes:
        if one.slo_percent is None:
            continue
        left = outside(pieces[one.pk], planned[one.pk])
        interval = dt.timedelta(seconds=one.interval_seconds)
        for window, rate in burn_rates(left, now, float(one.slo_percent) / 100, interval).items():
            family.add(rate, service=_name(one), window=window)
    return family
