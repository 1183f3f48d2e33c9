"""The cards of the health page: one for each part of the platform, one for each source of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse

from maintenance.connectors.own import DATABASE as OWN_DATABASE
from maintenance.connectors.own import PREFIX
from maintenance.kpis.application_numbers import Source
from maintenance.kpis.platform import COMPONENTS, Part, Platform
from maintenance.models import Probe
from maintenance.rules.amounts import count
from maintenance.rules.health import CONNECTIONS_FULL, MEMORY_FULL
from maintenance.rules.probe_states import DEGRADED, DOWN, MAINTENANCE, PAUSED, UNKNOWN, UP, WORKING
from maintenance.rules.prometheus_text import (
    CONNECTIONS,
    CONNECTIONS_ACTIVE,
    CONNECTIONS_IDLE,
    CONNECTIONS_MAX,
    MEMORY_MAX,
    MEMORY_USED,
    PROCESSES,
    THREADS_DAEMON,
    THREADS_LIVE,
)
from zbmaint.ui.words import duration, label, size, thousands

ICONS: Final[Mapping[str, str]] = {
    "application": "globe",
    "database": "database",
    "cache": "cache",
    "external_services": "plug",
    "queue": "queue",
    "scheduler": "schedule",
    "disk": "server",
}
MOST_SERVICES: Final = 4
# More cards of applications than this are folded away.
MOST_SOURCES: Final = 6
WORST_FIRST: Final = (DOWN, DEGRADED, UNKNOWN, MAINTENANCE, UP, PAUSED)


@dataclass(frozen=True)
class Line:
    """One line of a card: `name`, leading to `url` if there is one, and what it says."""

    name: str
    says: str
    url: str = ""


@dataclass(frozen=True)
class Meter:
    """How much of something is used: `value` of `most` (0: there is no limit), both in words in `says`; `high` is where
    it is too much.

    `peak` is the highest of today, in words.
    """

    name: str
    says: str
    value: float
    most: float
    high: float
    peak: str


@dataclass(frozen=True)
class Card:
    """One card. `note` says more when all is not well, or whose numbers they are."""

    key: str
    title: str
    icon: str
    state: str
    note: str
    lines: list[Line]
    meters: list[Meter]

    @property
    def word(self) -> str:
        """The state in a word."""
        return label(self.state)


@dataclass(frozen=True)
class Gauge:
    """Which figure is shown against which, from which share on it is too much, and how it is written.

    What has no limit has no bar: of its own peak it would be full most of the time.
    """

    used: str
    limit: str
    high: float
    write: Callable[[float], str]


def _number(value: float) -> str:
    return thousands(int(value))


MEMORY: Final = Gauge(MEMORY_USED, MEMORY_MAX, MEMORY_FULL, size)
THREADS: Final = Gauge(THREADS_LIVE, "", 1.0, _number)
POOL: Final = Gauge(CONNECTIONS_ACTIVE, CONNECTIONS_MAX, CONNECTIONS_FULL, _number)
OWN_CONNECTIONS: Final = Gauge(CONNECTIONS, CONNECTIONS_MAX, CONNECTIONS_FULL, _number)


def part_cards(seen: Platform, probes: Sequence[Probe]) -> list[Card]:
    """A card for each part but the numbers, which have cards of their own."""
    return [_of_part(part, probes, seen.at) for part in seen.parts if part.key in ICONS]


def source_cards(sources: Sequence[Source]) -> tuple[list[Card], list[Card]]:
    """A card for each application and two for the product itself; and those that are too many to be shown at once."""
    targets = [_of_application(source) for source in sources if not source.is_own]
    own = [source for source in sources if source.is_own]
    ours = [*_of_processes(own), *(_of_own_database(source) for source in own if source.name == OWN_DATABASE)]
    return [*targets[:MOST_SOURCES], *ours], targets[MOST_SOURCES:]


def _of_part(part: Part, probes: Sequence[Probe], now: dt.datetime) -> Card:
    component = COMPONENTS.get(part.key)
    ours = [(probe, probe.state_at(now)) for probe in probes if component is not None and probe.component == component]
    ours.sort(key=lambda each: (WORST_FIRST.index(each[1]), not each[0].critical, each[0].name.lower()))
    lines = [_of_probe(probe, state) for probe, state in ours[:MOST_SERVICES]]
    if len(ours) > MOST_SERVICES:
        up = sum(1 for _, state in ours if state == UP)
        lines.append(Line(f"and {len(ours) - MOST_SERVICES:,} more", f"{up:,} of {len(ours):,} up"))
    # What a single probe says stands in its line; what all is well with needs no more words.
    note = part.whole.says if part.whole.state != UP or not lines else ""
    return Card(part.key, part.title, ICONS[part.key], part.whole.state, note, lines, [])


def _of_probe(probe: Probe, state: str) -> Line:
    says = label(state)
    if state in WORKING and probe.last_ms is not None:
        says += f", {milliseconds(probe.last_ms)}"
    return Line(probe.name, says, reverse("health_service", args=[probe.pk]))


def milliseconds(value: int) -> str:
    """How long an answer took: 22 ms, 1.4s."""
    return f"{value} ms" if value < 1000 else duration(value / 1000)


def _of_application(source: Source) -> Card:
    figures = source.figures
    if not figures:
        note = "Application numbers. None within ten minutes: a probe of the target reads them."
        return Card(f"source-{source.name}", source.name, "kpis", UNKNOWN, note, [], [])
    daemon, idle = figures.get(THREADS_DAEMON), figures.get(CONNECTIONS_IDLE)
    meters = [
        *_meter(source, "Memory", MEMORY),
        *_meter(source, "Threads", THREADS, f", {_number(daemon)} daemon" if daemon is not None else ""),
        *_meter(source, "Connections in use", POOL, f", {_number(idle)} idle" if idle is not None else ""),
    ]
    state = DEGRADED if source.memory_is_full or source.connections_are_full else UP
    return Card(f"source-{source.name}", source.name, "kpis", state, "Numbers of the application.", [], meters)


def _of_processes(own: Iterable[Source]) -> Iterator[Card]:
    meters: list[Meter] = []
    for source in own:
        name, number = label(source.name.removeprefix(PREFIX)), int(source.figures.get(PROCESSES, 0))
        threads = source.figures.get(THREADS_LIVE)
        if source.name != OWN_DATABASE and threads is not None:
            peak = _number(max(threads, source.peaks.get(THREADS_LIVE, 0.0)))
            more = f"; {count(threads, 'thread')} in {count(number, 'process', 'processes')}, peak {peak}"
            meters += [replace(meter, peak=meter.peak + more) for meter in _meter(source, name, MEMORY)]
    if meters:
        yield Card("source-zbmaint", "zbmaint's processes", "kpis", UP, "Numbers of the desk itself.", [], meters)


def _of_own_database(source: Source) -> Card:
    state = DEGRADED if source.connections_are_full else UP
    idle = _number(source.figures.get(CONNECTIONS_IDLE, 0.0))
    meters = list(_meter(source, "Connections taken", OWN_CONNECTIONS, f", {idle} idle"))
    note = "Numbers of the desk's own server."
    return Card("source-database", "zbmaint's database", "database", state, note, [], meters)


def _meter(source: Source, name: str, gauge: Gauge, more: str = "") -> Iterator[Meter]:
    """Nothing of what the source does not tell; `more` is said behind the value."""
    if gauge.used not in source.figures:
        return
    value, most = source.figures[gauge.used], max(source.figures.get(gauge.limit, 0.0), 0.0)
    peak = max(source.peaks.get(gauge.used, 0.0), value)
    says = f"{gauge.write(value)} of {gauge.write(most)}" if most else gauge.write(value)
    yield Meter(name, says + more, round(value, 3), round(most, 3), round(most * gauge.high, 3), gauge.write(peak))
