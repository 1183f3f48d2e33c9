"""How the platform is now: every part of it, from its probes, from the product's own checks, and from numbers."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings

from maintenance import checkup
from maintenance.connectors.own import DATABASE as OWN_DATABASE
from maintenance.kpis import application_numbers
from maintenance.kpis.application_numbers import Source
from maintenance.models import Component, Occurrence, Probe, Run, Schedule
from maintenance.rules import health, run_states
from maintenance.rules.health import Seen, Whole
from maintenance.rules.probe_states import DEGRADED, DOWN, READ, UNKNOWN, UP
from maintenance.rules.prometheus_text import CONNECTIONS, CONNECTIONS_MAX, FIGURES
from zbmaint.queue.door import QUEUES, depth
from zbmaint.queue.presence import alive

# Which probes tell of which part.
COMPONENTS: Final[Mapping[str, Component]] = {
    "application": Component.APPLICATION,
    "database": Component.DATABASE,
    "cache": Component.CACHE,
    "external_services": Component.EXTERNAL,
    "queue": Component.QUEUE,
    "disk": Component.DISK,
}
# Which of the product's own checks belong to which part: what it means when it fails, and whether all depends on it.
CHECKS: Final[Mapping[str, tuple[str, str, bool]]] = {
    "database": ("database", DOWN, True),
    "cache": ("cache", DOWN, False),
    "workers": ("queue", DOWN, True),
    "canary": ("queue", DOWN, True),
    "queue": ("queue", DEGRADED, False),
    "notices": ("queue", DEGRADED, False),
    "deliveries": ("queue", DEGRADED, False),
    "ticker": ("scheduler", DOWN, True),
    "prober": ("scheduler", DOWN, True),
    "schedules": ("scheduler", DEGRADED, False),
    "figures": ("scheduler", DEGRADED, False),
}
OWN: Final[Mapping[str, str]] = {
    "database": "zbmaint's own database, asked now,",
    "cache": "zbmaint's own cache, asked now,",
    "queue": "The queue of runs",
    "canary": "The way through the queues",
}
MOST_SOURCES: Final = 20


@dataclass(frozen=True)
class Fact:
    """One measured fact; `value` is ready for JSON, `unit` such as bytes or seconds."""

    key: str
    label: str
    value: int | float | str | None
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """One part of the platform. `critical`: the platform is down when it is."""

    key: str
    whole: Whole
    critical: bool
    facts: tuple[Fact, ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return health.PARTS[self.key]

    @property
    def content(self) -> dict[str, Any]:
        """As a report has it."""
        facts = [asdict(fact) for fact in self.facts]
        return {"status": self.whole.state, "says": self.whole.says, "critical": self.critical, "facts": facts}


@dataclass(frozen=True)
class Platform:
    """All parts as they were at a moment, in the order of `health.PARTS`."""

    at: dt.datetime
    parts: tuple[Part, ...]

    @property
    def overall(self) -> Whole:
        """How the platform is, by the rule of `rules.health`."""
        seen = [Seen(part.title, part.whole.state, part.critical, part.whole.says) for part in self.parts]
        return health.together(seen, noun="parts")

    @property
    def content(self) -> dict[str, Any]:
        """The report: `timestamp`, `overall`, `says`, and each part by its key."""
        overall = self.overall
        head = {"timestamp": self.at.isoformat(timespec="seconds"), "overall": overall.state, "says": overall.says}
        return head | {part.key: part.content for part in self.parts}


def look(now: dt.datetime, probes: Sequence[Probe], sources: Sequence[Source]) -> Platform:
    """Look at everything: ask our own database, cache and processes; `probes` are all that are not retired,
    found `with_windows`."""
    seen: dict[str, list[Seen]] = {key: [] for key in health.PARTS}
    checked = checkup.parts()
    for check in checked:
        part, failed, critical = CHECKS[check.name]
        name = OWN.get(check.name, check.name.capitalize())
        seen[part].append(Seen(name, UP if check.ok else failed, critical, "" if check.ok else f"{check.says}."))
    for key, component in COMPONENTS.items():
        seen[key] += [_of_probe(probe, now) for probe in probes if probe.component == component]
    seen["performance_metrics"] = [_of_source(source) for source in sources]
    answers = checked[0].ok
    facts: dict[str, Callable[[], Iterable[Fact]]] = {
        "database": lambda: _connections(sources),
        "performance_metrics": lambda: _numbers(sources),
        "queue": _queue_facts if answers else tuple,
        "scheduler": (lambda: _scheduler_facts(now)) if answers else tuple,
        "disk": _disk_facts,
    }
    return Platform(now, tuple(_part(key, seen[key], probes, facts.get(key, tuple)()) for key in health.PARTS))


def look_now(now: dt.datetime) -> Platform:
    """The same with what the probes and the numbers say now."""
    return look(now, list(Probe.objects.with_windows(now).filter(retired_at=None)), application_numbers.read(now))


def _part(key: str, seen: Sequence[Seen], probes: Sequence[Probe], more: Iterable[Fact]) -> Part:
    nothing = {"performance_metrics": "No application has told its numbers."}.get(
        key, "Nothing looks at it: make a probe for this part of the platform."
    )
    return Part(
        key,
        health.together(seen, nothing),
        any(each.critical for each in seen if each.state in READ),
        (*_probe_facts(COMPONENTS.get(key), probes), *more),
    )


def _of_probe(probe: Probe, now: dt.datetime) -> Seen:
    state = probe.state_at(now)
    reason = probe.last_reason if state in (DOWN, DEGRADED) else ""
    if state == UNKNOWN:
        reason = "it has not been read lately." if probe.last_at else "it has not been read yet."
    return Seen(probe.name, state, probe.critical, reason)


def _of_source(source: Source) -> Seen:
    if not source.figures:
        return Seen(source.name, UNKNOWN, reason="it has told no numbers for ten minutes; a probe of it reads them.")
    full = [
        word
        for word, is_so in (("memory", source.memory_is_full), ("connections", source.connections_are_full))
        if is_so
    ]
    return Seen(
        source.name, DEGRADED if full else UP, reason=f"its {' and '.join(full)} are nearly used up." if full else ""
    )


def _probe_facts(component: Component | None, probes: Sequence[Probe]) -> Iterable[Fact]:
    ours = [probe for probe in probes if component is not None and probe.component == component]
    if not ours:
        return
    yield Fact("services", "Services looked at", len(ours))
    answered = [probe.last_ms for probe in ours if probe.last_ms is not None]
    if answered:
        yield Fact("slowest_answer", "Slowest last answer", max(answered) / 1000, "seconds")


def _connections(sources: Sequence[Source]) -> Iterable[Fact]:
    for source in sources:
        if source.name == OWN_DATABASE:
            used, most = source.figures.get(CONNECTIONS), source.figures.get(CONNECTIONS_MAX)
            yield Fact("connections_used", "Connections taken, of the whole server", _whole(used))
            yield Fact("connections_usable", "Connections that applications can get", _whole(most))


def _numbers(sources: Sequence[Source]) -> Iterable[Fact]:
    for source in sources[:MOST_SOURCES]:
        for name, (label, unit) in FIGURES.items():
            if name in source.figures:
                value = source.figures[name]
                yield Fact(f"{source.name}.{name}", f"{source.name}: {label.lower()}", _whole(value), unit)


def _queue_facts() -> Iterable[Fact]:
    for queue in QUEUES:
        yield Fact(f"depth_{queue}", f"Messages in queue {queue}", depth(queue))
    yield Fact("workers", "Workers", alive("worker").count())
    yield Fact("runs_running", "Runs at work", Run.objects.filter(state=run_states.RUNNING).count())
    yield Fact("runs_queued", "Runs that wait", Run.objects.filter(state=run_states.QUEUED).count())


def _scheduler_facts(now: dt.datetime) -> Iterable[Fact]:
    missed = Occurrence.objects.filter(state=Occurrence.State.MISSED, due_at__gte=now - dt.timedelta(days=1))
    yield Fact("schedules", "Schedules", Schedule.objects.active().count())
    yield Fact("missed_last_day", "Due times missed in the last 24 hours", missed.count())


def _disk_facts() -> Iterable[Fact]:
    """Of the machine that looks."""
    try:
        room = shutil.disk_usage(settings.LAYOUT.root)
    except OSError:
        return
    yield Fact("free", "Free where zbmaint's data lies", room.free, "bytes")
    yield Fact("size", "Size of that disk", room.total, "bytes")


def _whole(value: float | None) -> int | float | None:
    """A number that is whole, without the point."""
    return int(value) if value is not None and value.is_integer() else value
