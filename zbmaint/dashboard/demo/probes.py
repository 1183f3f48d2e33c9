"""The probes of the generated platform: what was read of it, its timelines, and its outages.

They are paused, so nothing is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from maintenance.actions import probes, timelines
from maintenance.actions.probes import Details
from maintenance.models import MaintenanceWindow, Outage, Probe, Reading, Span, Target, Timeline
from maintenance.rules import probe_states as states
from maintenance.rules.probe_states import DEGRADED, DOWN, UP
from maintenance.rules.timelines import Folded, Segment
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.audit import Deed
from zbmaint.dashboard.demo.copying import Row, copy_rows
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.targets import PLATFORM

# Coarser than real ones, so that months of them are made in a moment.
INTERVAL = dt.timedelta(minutes=10)
HOUR = dt.timedelta(hours=1)
A_MINUTE = dt.timedelta(minutes=1)
FIELDS = ("probe", "at", "milliseconds", "planned", "state", "reason")


@dataclass(frozen=True)
class _Part:
    """A part of the platform: its probe, and how many milliseconds it usually takes to answer."""

    details: Details
    milliseconds: int


@dataclass(frozen=True)
class Trouble:
    """That a part was down or slow for `minutes`, beginning at a share of the period.

    `looked` is what people found who looked at it meanwhile, `note` how it ended; of those that were down.
    """

    part: str
    share: float
    minutes: int
    reason: str
    state: str = DOWN
    planned: bool = False
    looked: str = ""
    note: str = ""


# Since when, until when, and what.
Spell = tuple[dt.datetime, dt.datetime, Trouble]
WEB, API, DATABASE, CACHE, MAIL = "Web application", "API", "Database", "Cache", "Email provider"
TROUBLES = (
    Trouble(
        DATABASE,
        0.1555,
        40,
        "Server: db-1:5432 is starting, stopping or recovering; try again later.",
        looked="db-1 answers, and PostgreSQL replays its log: a process of it was killed when memory had run out.",
        note="A query of reporting had used up the memory of db-1. Reporting may take 2 GB at most now.",
    ),
    Trouble(
        WEB,
        0.1560,
        30,
        "It answers 502 Bad Gateway.",
        looked="Every process of web-1 and web-2 waits for a connection that ended when the database restarted.",
        note="Restarted the processes of all web servers. A connection is tried before it is used now.",
    ),
    Trouble(CACHE, 0.4230, 60, "It answered after 1.4s; slow is more than 0.5s.", DEGRADED, planned=True),
    Trouble(
        API,
        0.6115,
        20,
        "It answers 503 Service Unavailable.",
        looked="All of app-1 and app-2 are being replaced at once: somebody rolls out release 4.2.",
        note="It was the roll-out of release 4.2, which nobody had announced. It went through.",
    ),
    Trouble(
        WEB,
        0.6115,
        20,
        "It answers 502 Bad Gateway.",
        looked="web-1 and web-2 are well, and answer nothing without the API, which is away.",
        note="It needs the API, which release 4.2 had replaced all at once. It works since the API does.",
    ),
    Trouble(
        MAIL,
        0.8790,
        30,
        "mail.example.com:443 did not answer within 20 s.",
        looked="The status page of the provider says that they look into it. Our messages wait, none is lost.",
        note="The provider has replaced a router. What had waited was sent.",
    ),
    Trouble(DATABASE, 0.9870, 50, "It answered after 2.2s; slow is more than 1.0s.", DEGRADED),
)


@dataclass(frozen=True)
class Written:
    """How many readings there are, and the outages, in the order of their beginning, with what is said of each."""

    readings: int
    outages: list[tuple[Outage, Trouble]]


def why_not() -> str:
    """Why the probes cannot be made, in words; empty when they can."""
    there = sorted(Probe.objects.filter(name__in=(WEB, API, DATABASE, CACHE, MAIL)).values_list("name", flat=True))
    return f"The probe {', '.join(there)} exists already." if there else ""


def write(period: Period, made: dict[str, Target]) -> Written:
    """Make the probes and their history."""
    begins = max(period.begins, period.now - settings.READING_RETENTION_DAYS * DAY)
    rows: list[Row] = []
    outages: list[tuple[Outage, Trouble]] = []
    for part in _parts(made[PLATFORM.database]):
        probe = probes.create(part.details, actor=None)
        mine = [spell for spell in spells(period) if spell[2].part == probe.name]
        read = list(_readings(probe, part, period, begins, mine))
        down = [spell for spell in mine if spell[2].state == DOWN]
        began = Outage.objects.bulk_create(
            Outage(probe=probe, started_at=since, confirmed_at=since + INTERVAL, ended_at=until, reason=what.reason)
            for since, until, what in down
        )
        outages += [(outage, what) for outage, (_, _, what) in zip(began, down, strict=True)]
        _write_timeline(probe, mine, period, read[-1][1])
        _stand(probe, read, max((until for _, until, _ in mine), default=begins), period)
        rows += read
    outages.sort(key=lambda each: each[0].started_at)
    return Written(copy_rows(Reading, FIELDS, rows), outages)


def _parts(database: Target) -> tuple[_Part, ...]:
    def shared(name: str, kind: str, parameters: dict[str, Any], **more: Any) -> Details:
        every = int(INTERVAL.total_seconds())
        return Details(name, kind, parameters, interval_seconds=every, timeout_seconds=20, **more)

    def page(host: str, expects: str) -> dict[str, Any]:
        return {"url": f"https://{host}.example.com/health", "statuses": "200", "expects": expects}

    needed: dict[str, Any] = {"component": "application", "critical": True}
    return (
        _Part(shared(WEB, "http", page("www", "ZbInnovation"), slow_ms=2_000, **needed), 310),
        _Part(shared(API, "http", page("api", '"ok"'), slow_ms=1_000, **needed), 140),
        _Part(shared(DATABASE, "postgres", {}, target=database, slow_ms=1_000, severity="critical", critical=True), 22),
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
    mine: list[Spell],
) -> Iterator[Row]:
    chance = period.chance("probe", probe.name)
    at = begins
    while at < period.now:
        trouble = next((what for since, until, what in mine if since <= at < until), None)
        state = trouble.state if trouble else UP
        took = int(part.milliseconds * chance.lognormvariate(0, 0.25)) * (6 if state == DEGRADED else 1) + 1
        planned = trouble is not None and trouble.planned
        yield probe.pk, at, took, planned, state, trouble.reason if trouble else ""
        at += INTERVAL


def _write_timeline(probe: Probe, mine: list[Spell], period: Period, last: dt.datetime) -> None:
    """What its readings make, also of the time of which they are not kept any more."""
    spans, at = [], period.begins
    for since, until, what in sorted(mine, key=lambda spell: spell[0]):
        spans += [states.Span(UP, at, since), states.Span(what.state, since, until)]
        at = until
    spans.append(states.Span(UP, at, last + probe.terms.good_for))
    Span.objects.bulk_create(Span(probe=probe, begins=span.begins, ends=span.ends, state=span.state) for span in spans)
    tail = (Segment(UP, at, spans[-1].ends),)
    standing = timelines.frozen(Folded(states.Standing(last, UP, at), tail))
    Timeline.objects.create(probe=probe, read_until=last, standing=standing)


def write_windows(period: Period, people: Mapping[str, Person]) -> list[Deed]:
    """Planned work: approved in time, approved after the outage that it takes out, and one that waits for approval."""
    found = {(each.part, each.share): _spell(each, period) for each in TROUBLES}
    (slow, fast, _), (down, back, _) = found[CACHE, 0.4230], found[API, 0.6115]
    ahead = period.today + 3 * DAY
    wanted = (
        ([CACHE], (slow, fast), "More memory for the cache", slow - DAY),
        ([WEB, API], (down, back), "Release 4.2, which nobody had announced", back + 2 * HOUR),
        ([MAIL], (ahead, ahead + 2 * HOUR), "The provider moves to another data centre", None),
    )
    return [
        deed for names, times, reason, approved in wanted for deed in _window(people, names, times, reason, approved)
    ]


def _window(
    people: Mapping[str, Person],
    names: Sequence[str],
    times: tuple[dt.datetime, dt.datetime],
    reason: str,
    approved: dt.datetime | None,
) -> list[Deed]:
    """Make one; returns what was done for it."""
    (begins, ends), lead = times, people["lead"]
    asked = people["tier3"]
    requested = (approved or begins - 4 * DAY) - HOUR
    window = MaintenanceWindow.objects.create(
        begins_at=begins,
        ends_at=ends,
        reason=reason,
        requested_by=asked,
        requested_at=requested,
        approved_by=lead if approved else None,
        approved_at=approved,
    )
    window.services.set(Probe.objects.filter(name__in=names))
    facts = {
        "services": sorted(names),
        "from": begins.isoformat(),
        "until": ends.isoformat(),
        "reason": reason,
    }
    about = ("maintenancewindow", window.pk, reason)
    deeds = [Deed(requested, asked, "window_requested", *about, facts)]
    return deeds + ([Deed(approved, lead, "window_approved", *about, {"late": approved > begins})] if approved else [])


def _stand(probe: Probe, read: list[Row], since: dt.datetime, period: Period) -> None:
    """Where it stands after its last reading; and nothing is asked of it any more."""
    _, at, took, *_ = read[-1]
    Probe.objects.filter(pk=probe.pk).update(
        last_at=at, last_ms=took, state=UP, state_since=since, paused_at=period.now, created_at=period.begins
    )
