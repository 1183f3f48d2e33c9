"""Metrics of services: whether they are up, their uptime, and what is left of their error budgets."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Final

from django.db.models import F, FloatField, Func, Q, Sum

from maintenance.models import SYSTEM, MaintenanceWindow, Probe, ServiceDay, Span
from maintenance.rules import probe_states
from zbmaint.dashboard.metrics.burning import LONGEST, Interval, Piece, burn_rates, outside
from zbmaint.dashboard.metrics.exposition import Family
from zbmaint.rollup import days
from zbmaint.rollup.models import Rolled

# Whole days before today, and what has passed of today.
DAYS: Final = (1, 7, 30, 90)
BUDGET_DAYS: Final = 30
# Seconds that a process keeps what it made of days (unless they are rolled anew) and of spans, which are most of a
# scrape: days are rolled once a minute, and readings, which make spans, come twice.
DAYS_KEPT: Final = 60.0
SPANS_KEPT: Final = 10.0
SYSTEM_NAME: Final = "system"
_COLUMNS: Final = ("up", "down", "unknown", "net_up", "net_down", "maintenance")


def families(now: dt.datetime) -> list[Family]:
    """All of them; five queries, or two while neither days were rolled nor time has passed."""
    probes = list(Probe.objects.filter(retired_at__isnull=True).order_by("name"))
    names = {SYSTEM: SYSTEM_NAME} | {probe.pk: _name(probe) for probe in probes}
    told = tuple((probe.pk, probe.name, probe.slo_percent, probe.interval_seconds) for probe in probes)
    editions = (told, days.day_of(now), *Rolled.objects.order_by("kind").values_list("kind", "edition"))
    uptime = _days.get(editions, lambda: _uptime(probes, names, now))
    return [*_looks(probes, now), *uptime, *_spans.get(told, lambda: [_burning(probes, now)])]


class _Kept:
    """Families that one process has read, for `longest` seconds at most, while their key stays."""

    def __init__(self, longest: float) -> None:
        self._longest, self._lock = longest, Lock()
        self._key: object = None
        self._read_at, self._families = 0.0, list[Family]()

    def get(self, key: object, read: Callable[[], list[Family]]) -> list[Family]:
        """What was read with this key, or else what is read now."""
        with self._lock:
            if key != self._key or time.monotonic() - self._read_at > self._longest:
                self._families = [family.joined() for family in read()]
                self._key, self._read_at = key, time.monotonic()
            return self._families

    def forget(self) -> None:
        """Read anew the next time."""
        self._key = None


_days, _spans = _Kept(DAYS_KEPT), _Kept(SPANS_KEPT)


def forget() -> None:
    """Read everything anew at the next scrape."""
    _days.forget()
    _spans.forget()


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


def _day_sums(now: dt.datetime) -> Iterable[Any]:
    """By service the columns of ServiceDay, added up over each number of days."""
    today = days.day_of(now)
    sums = {
        f"{name}_{number}": Sum(name, filter=Q(day__gte=today - number * days.A_DAY), default=0)
        for name in _COLUMNS
        for number in DAYS
    }
    rows = ServiceDay.objects.filter(day__gte=today - max(DAYS) * days.A_DAY, day__lte=today)
    return rows.order_by("probe").values("probe").annotate(**sums)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _burning(probes: list[Probe], now: dt.datetime) -> Family:
    family = Family(
        "zbmaint_slo_burn_rate", "gauge", "How fast a service uses up its error budget: at 1, exactly in its period."
    )
    since = now - dt.timedelta(seconds=LONGEST)
    pieces: dict[int, list[Piece]] = defaultdict(list)
    spans = Span.objects.filter(ends__gt=since, begins__lt=now).order_by()
    for probe, begins, ends, state in spans.values_list("probe", _unix("begins"), _unix("ends"), "state"):
        pieces[probe].append(Piece(begins, ends, state == probe_states.DOWN))
    planned: dict[int, list[Interval]] = defaultdict(list)
    windows = MaintenanceWindow.objects.approved().filter(ends_at__gt=since, begins_at__lt=now)
    for service, begins, ends in windows.order_by().values_list("services", _unix("begins_at"), _unix("ends_at")):
        planned[service].append((begins, ends))
    for one in probes:
        if one.slo_percent is None:
            continue
        left, objective = outside(pieces[one.pk], planned[one.pk]), float(one.slo_percent) / 100
        for window, rate in burn_rates(left, now.timestamp(), objective, one.interval_seconds).items():
            family.add(rate, service=_name(one), window=window)
    return family


def _unix(name: str) -> Func:
    """A moment as seconds: there are thousands of them, and to make each a datetime would cost most of a scrape."""
    return Func(F(name), template="extract(epoch FROM %(expressions)s)::float8", output_field=FloatField())
