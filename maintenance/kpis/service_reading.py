"""What the days of services say of a period, for pages and reports. Days are of REPORT_TIME_ZONE, both ends included.

`probe` is the service that is asked about; SYSTEM (0) is all critical ones at once. Ratios come from `Totals`: `net`,
`gross`, `coverage`; the first two are None when too little is known, the last one when there is nothing to know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils import timezone

from maintenance.kpis import service_days
from maintenance.kpis.service_days import COLUMNS
from maintenance.models import SYSTEM, MaintenanceWindow, Outage, Probe, ServiceDay
from maintenance.rules import uptime
from maintenance.rules.uptime import ERASED, Totals, instant
from zbmaint.access.models import Person
from zbmaint.rollup import days

NOTHING: Final = Totals()


@dataclass(frozen=True)
class Sums:
    """A period of one service or of the system: its states, and how many outages began."""

    totals: Totals = NOTHING
    outages: int = 0


@dataclass(frozen=True)
class Uptime:
    """A period. `asked` is of the service that was asked about, or of the system; `services` of each, by probe."""

    asked: Sums
    services: Mapping[int, Sums]

    @property
    def worst(self) -> int | None:
        """The service of the lowest net uptime; None when none has one."""
        known = [(sums.totals.net, probe) for probe, sums in self.services.items() if sums.totals.net is not None]
        return min(known)[1] if known else None

    @property
    def worst_net(self) -> float | None:
        """Its net uptime."""
        return None if self.worst is None else self.services[self.worst].totals.net

    @property
    def mean_net(self) -> float | None:
        """The net uptime of all services that have one, each weighted by the time that is known of it."""
        said = (sums.totals for sums in self.services.values() if sums.totals.net is not None)
        return sum(said, NOTHING).net


@dataclass(frozen=True)
class Erasure:
    """Down time of a service that a window took out which was approved after that had begun."""

    window: MaintenanceWindow
    service: Probe
    length: dt.timedelta

    @property
    def by(self) -> Person | None:
        """Who approved it."""
        return self.window.approved_by


def read(first: dt.date, last: dt.date, probe: int = SYSTEM) -> Uptime:
    """What a period was like; with a `probe` of that service alone. One query."""
    summed: Any = _days(first, last, probe).order_by().values("probe").annotate(*_sums())
    found = {
        row["probe"]: Sums(Totals(*(row[f"{name}__sum"] for name in COLUMNS)), row["outages__sum"]) for row in summed
    }
    asked = found.get(probe, Sums())
    return Uptime(asked, {pk: sums for pk, sums in sorted(found.items()) if pk != SYSTEM})


def read_system(first: dt.date, last: dt.date) -> Sums:
    """What it was like for the system alone. One query."""
    rows = list(ServiceDay.objects.filter(probe=SYSTEM, day__range=(first, last)).values_list("outages", *COLUMNS))
    return Sums(sum((Totals(*columns) for _, *columns in rows), NOTHING), sum(outages for outages, *_ in rows))


def by_day(first: dt.date, last: dt.date, probe: int = SYSTEM) -> dict[int, dict[dt.date, Sums]]:
    """Each day of each service (and of the system, as SYSTEM); with a `probe` of that one alone. One query.

    A day on which a service did not exist, or that has not been rolled up, is not in it.
    """
    found: dict[int, dict[dt.date, Sums]] = {}
    for pk, day, outages, *columns in _days(first, last, probe).values_list("probe", "day", "outages", *COLUMNS):
        found.setdefault(pk, {})[day] = Sums(Totals(*columns), outages)
    return found


def between(begins: dt.datetime, ends: dt.datetime, probes: Sequence[Probe]) -> dict[int, Totals]:
    """The same of any stretch of time, which must not end after now: from the spans, in two queries.

    For what days are too long for, such as how fast an error budget was used up in the last hour.
    """
    services = service_days.read_services(probes, begins, ends)
    return {
        pk: uptime.totals(uptime.pieces(service, instant(begins), instant(ends))) for pk, service in services.items()
    }


def outages(first: dt.date, last: dt.date, probe: int = SYSTEM) -> QuerySet[Outage]:
    """The outages that began in the period, the newest first: as many as the days of `probe` count.

    Of the system those of the services that are critical now: its days are made again when that changes.
    """
    began = Outage.objects.filter(started_at__gte=days.begins(first), started_at__lt=days.begins(last + days.A_DAY))
    chosen = began.filter(probe=probe) if probe != SYSTEM else began.filter(probe__critical=True)
    return chosen.select_related("probe")


def erasures(first: dt.date, last: dt.date, probe: int | None = None) -> list[Erasure]:
    """What windows that were approved too late took out of the down time of the period, the longest first.

    Of one `probe`; with SYSTEM of those that are critical now, as its uptime is made of them; with None of every
    service. What several of them took out is said of the one that was approved first.
    """
    begins, ends = days.begins(first), min(days.begins(last + days.A_DAY), timezone.now())
    late = MaintenanceWindow.objects.approved().filter(begins_at__lt=ends, ends_at__gt=begins)
    if probe:
        late = late.filter(services=probe)
    rows = list(late.select_related("approved_by", "requested_by").prefetch_related("services").order_by("approved_at"))
    probes = {each.pk: each for row in rows for each in row.services.all() if _is_asked(each, probe)}
    services = service_days.read_services(list(probes.values()), begins, ends)
    found = []
    for pk, service in services.items():
        erased = [each for each in uptime.pieces(service, instant(begins), instant(ends)) if each.maintenance == ERASED]
        # A piece is cut at the edges of windows, so that it lies in each of them whole or not at all.
        lengths: dict[int, int] = {}
        for piece in erased:
            over = next(row.pk for row in rows if pk in _services(row) and _holds(row, piece.begins))
            lengths[over] = lengths.get(over, 0) + piece.ends - piece.begins
        found += [
            Erasure(row, probes[pk], dt.timedelta(microseconds=lengths[row.pk])) for row in rows if row.pk in lengths
        ]
    return sorted(found, key=lambda each: (-each.length, each.window.pk, each.service.name))


def _is_asked(service: Probe, probe: int | None) -> bool:
    """Whether a service is among those that `erasures` is asked about."""
    return service.critical if probe == SYSTEM else probe in (None, service.pk)


def _services(window: MaintenanceWindow) -> set[int]:
    return {service.pk for service in window.services.all()}


def _holds(window: MaintenanceWindow, at: int) -> bool:
    return instant(window.begins_at) <= at < instant(window.ends_at)


def _days(first: dt.date, last: dt.date, probe: int) -> QuerySet[ServiceDay]:
    rows = ServiceDay.objects.filter(day__range=(first, last))
    return rows.filter(probe=probe) if probe != SYSTEM else rows


def _sums() -> Iterable[Sum]:
    for name in (*COLUMNS, "outages"):
        yield Sum(name)
