"""The generated platform as a whole: what its application told, and how it was reported."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any

from maintenance.actions import targets
from maintenance.actions.app_metrics import Measured
from maintenance.actions.targets import Details
from maintenance.connectors.own import DATABASE as OWN_DATABASE
from maintenance.connectors.own import SOURCES
from maintenance.models import AppMetric, Component, HealthReport, Run, Target
from maintenance.rules import health
from maintenance.rules import prometheus_text as names
from maintenance.rules.health import Seen
from maintenance.rules.probe_states import UP
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.copying import Row, as_json, copy_rows
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.probes import API, CACHE, DATABASE, MAIL, WEB, Spell, spells

APPLICATION, REFERENCE = "zbinnovation-api", "env:DEMO_APPLICATION_URL"
METRIC_DAYS, EVERY = 7, dt.timedelta(minutes=10)
MB = 1024**2
METRIC_FIELDS = ("source", "name", "at", "value")
REPORT_FIELDS = ("at", "overall", "content", "changes", "run", "asked_by")
# The part of the platform of each probe, and whether all depends on it.
PARTS: Mapping[str, tuple[Component, bool]] = {
    WEB: (Component.APPLICATION, True),
    API: (Component.APPLICATION, True),
    DATABASE: (Component.DATABASE, True),
    CACHE: (Component.CACHE, False),
    MAIL: (Component.EXTERNAL, False),
}
KEYS = {
    Component.APPLICATION: "application",
    Component.DATABASE: "database",
    Component.CACHE: "cache",
    Component.EXTERNAL: "external_services",
}
# What goes on by itself on a desk that works.
OWN = {"performance_metrics": "All 6 are up.", "queue": "All 8 are up.", "scheduler": "All 4 are up."} | {
    "disk": "Disk of zbmaint's data is up."
}
# Memory in MB and threads of our own processes.
PROCESSES = {"web": (182, 11), "worker": (640, 24), "ticker": (96, 2), "prober": (118, 7)}


def why_not() -> str:
    """Why it cannot be made, in words; empty when it can."""
    return f"The target {APPLICATION} exists already." if Target.objects.filter(name=APPLICATION).exists() else ""


def write(period: Period, people: Mapping[str, Person]) -> None:
    """Make it, when the probes and the runs are there."""
    details = Details(APPLICATION, REFERENCE, "ZbInnovation API", kind=Target.Kind.APPLICATION)
    target = targets.create(details, actor=None)
    Target.objects.filter(pk=target.pk).update(created_at=period.begins)
    copy_rows(AppMetric, METRIC_FIELDS, _metrics(period))
    # Read first: nothing else can be asked while a COPY goes on.
    copy_rows(HealthReport, REPORT_FIELDS, list(_reports(period, people["tier2"])))


def _metrics(period: Period) -> Iterator[Row]:
    end = period.now.replace(second=0, microsecond=0)
    for step in range(min(METRIC_DAYS, period.days) * DAY // EVERY):
        at = end - step * EVERY
        for measured in _measured(period, at):
            for name, value in measured.figures.items():
                yield measured.source, name, at, value


def _measured(period: Period, at: dt.datetime) -> Iterator[Measured]:
    """What everything took at a moment: more by day than by night, and memory grows until it is collected."""
    chance = period.chance("metrics", at.isoformat())
    load = 0.5 - 0.45 * math.cos((at.hour + at.minute / 60 - 3) / 24 * 2 * math.pi)
    saw = (at.minute + 60 * at.hour) % 170 / 170
    active = int(2 + 38 * load * chance.uniform(0.6, 1.2))
    live = int(96 + 70 * load * chance.uniform(0.9, 1.1))
    figures = {
        names.MEMORY_USED: float(int((1_450 + 900 * load + 700 * saw) * MB)),
        names.MEMORY_MAX: 4_096.0 * MB,
        names.MEMORY_OTHER: float(int(chance.uniform(236, 244) * MB)),
        names.THREADS_LIVE: live,
        names.THREADS_DAEMON: live - 18,
        names.CONNECTIONS: 60,
        names.CONNECTIONS_ACTIVE: active,
        names.CONNECTIONS_IDLE: 60 - active,
        names.CONNECTIONS_MAX: 60,
        names.CPU: round(0.08 + 0.5 * load * chance.uniform(0.7, 1.1), 4),
    }
    yield Measured(APPLICATION, at, figures)
    for kind, (memory, threads) in PROCESSES.items():
        taken = {names.MEMORY_USED: float(int(memory * chance.uniform(0.94, 1.1) * MB)), names.THREADS_LIVE: threads}
        yield Measured(SOURCES[kind], at, taken | {names.PROCESSES: 2 if kind == "worker" else 1})
    taken_now = 9 + int(6 * load)
    connections = {names.CONNECTIONS: taken_now, names.CONNECTIONS_ACTIVE: 1, names.CONNECTIONS_IDLE: taken_now - 1}
    yield Measured(OWN_DATABASE, at, connections | {names.CONNECTIONS_MAX: 97})


def _reports(period: Period, asker: Person) -> Iterator[Row]:
    """The daily ones, and those that somebody asked for in the midst of trouble and after it."""
    trouble = list(spells(period))
    runs = Run.objects.filter(task="health_report", state="succeeded", finished_at__isnull=False)
    ended = runs.values_list("pk", "finished_at")
    asked: list[tuple[dt.datetime, int | None, int | None]] = [(at, run, None) for run, at in ended if at is not None]
    for since, until, _ in trouble:
        asked += [(since + (until - since) / 2, None, asker.pk), (until + EVERY, None, asker.pk)]
    before: dict[str, Any] | None = None
    for at, run, person in sorted(asked, key=lambda each: (each[0], each[1] or 0)):
        if at < period.now:
            content = _content(at, trouble)
            yield at, content["overall"], as_json(content), as_json(health.changes(before, content)), run, person
            before = content


def _content(at: dt.datetime, trouble: list[Spell]) -> dict[str, Any]:
    """The report of that moment, by the same rule as a real one."""
    wrong = {what.part: what for since, until, what in trouble if since <= at < until}
    seen: dict[str, list[Seen]] = {}
    for name, (component, critical) in PARTS.items():
        what = wrong.get(name)
        reason = what.reason if what else ""
        seen.setdefault(KEYS[component], []).append(Seen(name, what.state if what else UP, critical, reason))
    wholes = {key: health.together(each) for key, each in seen.items()}
    parts = {
        key: (wholes[key].state, wholes[key].says, any(each.critical for each in seen[key]))
        if key in wholes
        else (UP, OWN[key], key in ("queue", "scheduler"))
        for key in health.PARTS
    }
    every = [Seen(health.PARTS[key], state, critical, says) for key, (state, says, critical) in parts.items()]
    overall = health.together(every, noun="parts")
    head = {"timestamp": at.isoformat(timespec="seconds"), "overall": overall.state, "says": overall.says}
    return head | {
        key: {"status": state, "says": says, "critical": critical, "facts": []}
        for key, (state, says, critical) in parts.items()
    }
