"""The uptime of services: a row of bars for each that is worth one, a line for the others, by part of the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from maintenance.kpis import service_reading, writing
from maintenance.kpis.service_days import COLUMNS
from maintenance.models import SYSTEM, Component, Probe, ServiceDay
from maintenance.rules.ratios import ENOUGH_COVERAGE
from maintenance.rules.uptime import Totals, why_too_little
from maintenance.views.health_bars import Bars, bars, first_day

# More rows of bars than this nobody looks through, and the page grows heavy.
MOST_BARS: Final = 24


@dataclass(frozen=True)
class Figures:
    """Uptime and coverage of a period as people read them: floored, "—" when too little is known."""

    totals: Totals

    @property
    def net(self) -> str:
        """The uptime outside approved maintenance."""
        return writing.uptime(self.totals.net)

    @property
    def gross(self) -> str:
        """The uptime as observed."""
        return writing.uptime(self.totals.gross)

    @property
    def coverage(self) -> str:
        """For how much of the time anything is known."""
        return writing.share(self.totals.coverage)

    @property
    def why(self) -> str:
        """Why there is no net uptime although something is known, in a few words; else empty."""
        return why_too_little(self.totals.known, self.totals.eligible)

    @property
    def erased(self) -> dt.timedelta:
        """Down time that a window took out which was approved after it had begun."""
        return dt.timedelta(microseconds=self.totals.erased)

    @property
    def is_covered(self) -> bool:
        """Whether enough is known for the uptime to mean something."""
        return self.totals.coverage is not None and self.totals.coverage >= ENOUGH_COVERAGE


@dataclass(frozen=True)
class UptimeRow:
    """A service (or the system, without a page of its own), its figures and its bars, if it gets any."""

    name: str
    url: str
    figures: Figures
    bars: Bars | None = None


@dataclass(frozen=True)
class UptimeGroup:
    """The services of a part of the platform that get a line each."""

    title: str
    rows: list[UptimeRow]


@dataclass(frozen=True)
class Uptime:
    """`rows` with bars, the system first; `groups` of the others."""

    rows: list[UptimeRow]
    groups: list[UptimeGroup]
    first: dt.date

    @property
    def others(self) -> int:
        """How many services have no bars."""
        return sum(len(group.rows) for group in self.groups)


def read_uptime(probes: Sequence[Probe], last: dt.date) -> Uptime:
    """The uptime of `probes` until the day `last`. Two queries, however many they are."""
    first = first_day(last)
    period = service_reading.read(first, last)
    figures = {probe.pk: Figures(_totals(period.services.get(probe.pk))) for probe in probes}
    chosen = _worth_bars(probes, figures)
    drawn = read_days(first, last, [SYSTEM, *(probe.pk for probe in chosen)])
    system = UptimeRow("The platform", "", Figures(period.asked.totals), bars(drawn.get(SYSTEM, {}), last))
    rows = [system, *(_row(probe, figures, bars(drawn.get(probe.pk, {}), last)) for probe in chosen)]
    with_bars = {probe.pk for probe in chosen}
    groups = []
    for component in Component:
        rest = [probe for probe in probes if probe.component == component and probe.pk not in with_bars]
        if rest:
            groups.append(UptimeGroup(component.label, [_row(probe, figures) for probe in rest]))
    return Uptime(rows, groups, first)


def read_days(first: dt.date, last: dt.date, services: Iterable[int]) -> dict[int, dict[dt.date, Totals]]:
    """The days of these services. One query."""
    found: dict[int, dict[dt.date, Totals]] = {}
    rows = ServiceDay.objects.filter(day__range=(first, last), probe__in=list(services)).order_by()
    for pk, day, *columns in rows.values_list("probe", "day", *COLUMNS):
        found.setdefault(pk, {})[day] = Totals(*columns)
    return found


def _worth_bars(probes: Sequence[Probe], figures: dict[int, Figures]) -> list[Probe]:
    """All of them while they are few; else the critical ones and then those of the lowest uptime; by name."""

    def rank(probe: Probe) -> tuple[bool, float]:
        net = figures[probe.pk].totals.net
        return not probe.critical, 2.0 if net is None else net

    return sorted(sorted(probes, key=rank)[:MOST_BARS], key=lambda probe: (not probe.critical, probe.name.lower()))


def _row(probe: Probe, figures: dict[int, Figures], drawn: Bars | None = None) -> UptimeRow:
    return UptimeRow(probe.name, reverse("health_service", args=[probe.pk]), figures[probe.pk], drawn)


def _totals(sums: Any) -> Totals:
    return sums.totals if sums is not None else Totals()
