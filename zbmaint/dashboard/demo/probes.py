"""The probes of the generated platform: what was read of it, and its outages. They are paused, so nothing is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from maintenance.actions import probes
from maintenance.actions.probes import Details
from maintenance.models import Outage, Probe, Reading, Target
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from zbmaint.dashboard.demo.copying import Row, copy_rows
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.targets import PLATFORM

# Coarser than real ones, so that months of them are made in a moment.
INTERVAL = dt.timedelta(minutes=10)
A_MINUTE = dt.timedelta(minutes=1)
FIELDS = ("probe", "at", "milliseconds", "planned", "state", "reason")


@dataclass(frozen=True)
class _Part:
    """A part of the platform: its probe, and how many milliseconds it usually takes to answer."""

    details: Details
    milliseconds: int


@dataclass(frozen=True)
class Trouble:
    """That a part was down or slow for `minutes`, beginning at a share of the period."""

    part: str
    share: float
    minutes: int
    reason: str
    state: str = DOWN


# Since when, until when, and what.
Spell = tuple[dt.datetime, dt.datetime, Trouble]
WEB, API, DATABASE, CACHE, MAIL = "Web application", "API", "Database", "Cache", "Email provider"
TROUBLES = (
    Trouble(DATABASE, 0.1555, 40, "Server: db-1:5432 is starting, stopping or recovering; try again later."),
    Trouble(WEB, 0.1560, 30, "It answers 502 Bad Gateway."),
    Trouble(CACHE, 0.4230, 60, "It answered after 1.4s; slow is more than 0.5s.", DEGRADED),
    Trouble(API, 0.6115, 20, "It answers 503 Service Unavailable."),
    Trouble(WEB, 0.6115, 20, "It answers 502 Bad Gateway."),
    Trouble(MAIL, 0.8790, 30, "mail.example.com:443 did not answer within 20 s."),
    Trouble(DATABASE, 0.9870, 50, "It answered after 2.2s; slow is more than 1.0s.", DEGRADED),
)


def why_not() -> str:
    """Why the probes cannot be made, in words; empty when they can."""
    there = sorted(Probe.objects.filter(name__in=(WEB, API, DATABASE, CACHE, MAIL)).values_list("name", flat=True))
    return f"The probe {', '.join(there)} exists already." if there else ""


def write(period: Period, made: dict[str, Target]) -> int:
    """Make the probes and their history; returns how many readings there are."""
    begins = max(period.begins, period.now - settings.READING_RETENTION_DAYS * DAY)
    rows: list[Row] = []
    for part in _parts(made[PLATFORM.database]):
        probe = probes.create(part.details, actor=None)
        mine = [spell for spell in spells(period) if spell[2].part == probe.name]
        read = list(_readings(probe, part, period, begins, mine))
        Outage.objects.bulk_create(
            Outage(probe=probe, started_at=since, confirmed_at=since + INTERVAL, ended_at=until, reason=what.reason)
            for since, until, what in mine
            if what.state == DOWN and since >= begins
        )
        _stand(probe, read, max((until for _, until, _ in mine), default=begins), period)
        rows += read
    return copy_rows(Reading, FIELDS, rows)


def _parts(database: Target) -> tuple[_Part, ...]:
    def shared(name: str, kind: str, parameters: dict[str, Any], **more: Any) -> Details:
        every = int(INTERVAL.total_seconds())
        return Details(name, kind, parameters, interval_seconds=every, timeout_seconds=20, **more)

    def page(host: str, expects: str) -> dict[str, Any]:
        return {"url": f"https://{host}.example.com/health", "statuses": "200", "expects": expects}

    return (
        _Part(shared(WEB, "http", page("www", "ZbInnovation"), slow_ms=2_000), 310),
        _Part(shared(API, "http", page("api", '"ok"'), slow_ms=1_000), 140),
        _Part(shared(DATABASE, "postgres", {}, target=database, slow_ms=1_000, severity="critical"), 22),
        _Part(shared(CACHE, "redis", {"reference": "env:DEMO_CACHE_URL"}, slow_ms=500), 3),
        _Part(shared(MAIL, "http", page("mail", ""), severity="medium"), 480),
    )


def spells(period: Period) -> Iterator[Spell]:
    """All the trouble of the period."""
    return (_spell(trouble, period) for trouble in TROUBLES)


def _spell(trouble: Trouble, period: Period) -> Spell:
    """From when until when, on the times of readings."""
    steps = int(period.days * DAY * trouble.share / INTERVAL)
    since = period.begins + steps * INTERVAL
    return since, since + trouble.minutes * A_MINUTE, trouble


def _readings(
    probe: Probe,
    part: _Part,
    period: Period,
    begins: dt.datetime,
    spells: list[Spell],
) -> Iterator[Row]:
    chance = period.chance("probe", probe.name)
    at = begins
    while at < period.now:
        trouble = next((what for since, until, what in spells if since <= at < until), None)
        state = trouble.state if trouble else UP
        took = int(part.milliseconds * chance.lognormvariate(0, 0.25)) * (6 if state == DEGRADED else 1) + 1
        yield probe.pk, at, took, False, state, trouble.reason if trouble else ""
        at += INTERVAL


def _stand(probe: Probe, read: list[Row], since: dt.datetime, period: Period) -> None:
    """Where it stands after its last reading; and nothing is asked of it any more."""
    _, at, took, *_ = read[-1]
    Probe.objects.filter(pk=probe.pk).update(
        last_at=at, last_ms=took, state=UP, state_since=since, paused_at=period.now, created_at=period.begins
    )
