"""The last numbers of running applications, and their peaks of today: the targets', and the product's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max

from maintenance.connectors.own import DATABASE as OWN_DATABASE
from maintenance.connectors.own import SOURCES, is_own
from maintenance.models import AppMetric, Target
from maintenance.rules.health import CONNECTIONS_FULL, MEMORY_FULL, used_up
from maintenance.rules.prometheus_text import (
    CONNECTIONS,
    CONNECTIONS_ACTIVE,
    CONNECTIONS_MAX,
    FIGURES,
    MEMORY_MAX,
    MEMORY_USED,
    THREADS_LIVE,
)
from zbmaint.rollup import days

# Numbers are kept every minute; older ones say nothing about now.
FRESH: Final = dt.timedelta(minutes=10)
PEAKS: Final = (MEMORY_USED, THREADS_LIVE, CONNECTIONS, CONNECTIONS_ACTIVE)


@dataclass(frozen=True)
class Source:
    """One source: its figures (see `rules.prometheus_text`) as of `at`, and the highest of today of some.

    `figures` is empty, and `at` None, when there were none within ten minutes.
    """

    name: str
    figures: Mapping[str, float] = field(default_factory=dict)
    peaks: Mapping[str, float] = field(default_factory=dict)
    at: dt.datetime | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the product itself."""
        return is_own(self.name)

    @property
    def memory_is_full(self) -> bool:
        """Whether it has hardly any memory left."""
        return used_up(self.figures.get(MEMORY_USED), self.figures.get(MEMORY_MAX), MEMORY_FULL)

    @property
    def connections_used(self) -> str:
        """Which figure counts against its limit: of a pool those in use, of our database all of them."""
        return CONNECTIONS if self.is_own else CONNECTIONS_ACTIVE

    @property
    def connections_are_full(self) -> bool:
        """Whether it has hardly any connections left."""
        figures = self.figures
        return used_up(figures.get(self.connections_used), figures.get(CONNECTIONS_MAX), CONNECTIONS_FULL)


def read(now: dt.datetime) -> list[Source]:
    """Every active application, and then the product's own sources that have figures. Three queries."""
    targets = Target.objects.active().filter(kind=Target.Kind.APPLICATION).order_by("name")
    wanted = list(targets.values_list("name", flat=True))
    own = [*SOURCES.values(), OWN_DATABASE]
    rows = AppMetric.objects.filter(source__in=[*wanted, *own], name__in=list(FIGURES))
    last: dict[str, dict[str, float]] = {}
    at: dict[str, dt.datetime] = {}
    recent = rows.filter(at__gt=now - FRESH, at__lte=now).order_by("source", "name", "-at").distinct("source", "name")
    for source, name, moment, value in recent.values_list("source", "name", "at", "value"):
        last.setdefault(source, {})[name] = value
        at[source] = max(moment, at.get(source, moment))
    peaks: dict[str, dict[str, float]] = {}
    today = rows.filter(name__in=PEAKS, at__gte=days.begins(days.day_of(now)), at__lte=now)
    for source, name, value in today.order_by().values_list("source", "name").annotate(peak=Max("value")):
        peaks.setdefault(source, {})[name] = value
    shown = [*wanted, *(source for source in own if source in last)]
    return [Source(source, last.get(source, {}), peaks.get(source, {}), at.get(source)) for source in shown]
