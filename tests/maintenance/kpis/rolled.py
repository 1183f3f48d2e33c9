"""Rolled days at random, and a second way to make every KPI of them, which shares no code with the product."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import strategies as some

from incidents.models import TicketDay
from maintenance.models import FindingDay, RunDay, ServiceDay
from zbmaint.rollup.spread import pack

START = dt.date(2026, 3, 1)
DAYS = 8
GRAINS = [(tier, severity) for tier in (0, 2) for severity in ("", "high")]
TASKS = [("", ""), ("preventive", ""), ("preventive", "log_rotation"), ("corrective", "log_rotation")]
PROBES = (0, 1, 2)
LEFT = ("open", "open_unassigned", "open_unanswered")
AGES = ("open_age_median", "open_age_p90", "open_age_oldest", "unanswered_age_oldest")
HAPPENED = (
    *("opened", "received", "escalated", "reopened", "resolved", "left_out", "responses_met", "responses_missed"),
    *("resolutions_met", "resolutions_missed", "unanswered"),
)
RUNS = (
    *("succeeded", "warning", "failed", "timed_out", "lost", "cancelled", "skipped", "not_configured", "dry_runs"),
    *("attempts", "overran", "overrun_seconds", "expected", "in_time", "missed", "held"),
)
STATES = ("up", "degraded", "down", "unknown", "net_up", "net_down", "maintenance", "erased")
counts = some.integers(0, 30)
lengths = some.lists(some.integers(0, 5_000_000), max_size=9)


def columns(*names: str, of: some.SearchStrategy[Any] = counts) -> dict[str, some.SearchStrategy[Any]]:
    return dict.fromkeys(names, of)


tickets = some.fixed_dictionaries(
    columns(*HAPPENED, *LEFT)
    | columns(*AGES, of=some.none() | some.integers(0, 10**7))
    | columns("answers", "resolutions", of=lengths)
)
runs = some.fixed_dictionaries(columns(*RUNS) | columns("durations", "waits", "lateness", of=lengths))
services = some.fixed_dictionaries(columns(*STATES, of=some.integers(0, 10**11)) | columns("outages"))
findings = some.fixed_dictionaries(columns("found", "resolved", "open", "accepted"))


@dataclass
class Days:
    """By day, and then by grain, task, probe, severity. A day on which nothing is known has nothing; of known ones the
    row of all is there, and others may be missing (of findings, none is)."""

    tickets: dict[dt.date, dict[tuple[int, str], dict[str, Any]]] = field(default_factory=dict)
    runs: dict[dt.date, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=dict)
    services: dict[dt.date, dict[int, dict[str, Any]]] = field(default_factory=dict)
    findings: dict[dt.date, dict[str, dict[str, Any]]] = field(default_factory=dict)


@some.composite
def worlds(draw: some.DrawFn) -> Days:
    made = Days()
    for number in range(DAYS):
        day = START + dt.timedelta(days=number)
        for kind, keys, each in (
            (made.tickets, GRAINS, tickets),
            (made.runs, TASKS, runs),
            (made.services, PROBES, services),
            (made.findings, ["", "high"], findings),
        ):
            if draw(some.integers(0, 3)):
                there = [key for key in keys if key == keys[0] or kind is made.findings or draw(some.booleans())]
                kind[day] = {key: draw(each) for key in there}  # type: ignore[misc]  # keys fit their kind
    return made


def a_world(seed: int) -> Days:
    """One of them, always the same, of which every row is there."""
    chance = random.Random(seed)

    def drawn(*names: str, most: int = 40) -> dict[str, Any]:
        return {name: chance.randint(0, most) for name in names}

    def spread(*names: str) -> dict[str, Any]:
        return {name: [chance.randint(0, 400_000) for _ in range(chance.randint(0, 30))] for name in names}

    made = Days()
    for number in range(DAYS):
        day = START + dt.timedelta(days=number)
        made.tickets[day] = {
            grain: drawn(*HAPPENED, *LEFT) | drawn(*AGES, most=10**6) | spread("answers", "resolutions")
            for grain in GRAINS
        }
        made.runs[day] = {key: drawn(*RUNS) | spread("durations", "waits", "lateness") for key in TASKS}
        made.services[day] = {probe: drawn(*STATES, most=10**10) | drawn("outages", most=3) for probe in PROBES}
        made.findings[day] = {severity: drawn("found", "resolved", "open", "accepted") for severity in ("", "high")}
    return made


def write(world: Days) -> None:
    """Their rows."""
    TicketDay.objects.bulk_create(
        TicketDay(day=day, tier=tier, severity=severity, **packed(row, "answers", "resolutions"))
        for day, rows in world.tickets.items()
        for (tier, severity), row in rows.items()
    )
    RunDay.objects.bulk_create(
        RunDay(day=day, category=category, task=task, **packed(row, "durations", "waits", "lateness"))
        for day, rows in world.runs.items()
        for (category, task), row in rows.items()
    )
    ServiceDay.objects.bulk_create(
        ServiceDay(day=day, probe=probe, **row) for day, rows in world.services.items() for probe, row in rows.items()
    )
    FindingDay.objects.bulk_create(
        FindingDay(day=day, severity=severity, **row)
        for day, rows in world.findings.items()
        for severity, row in rows.items()
    )


def packed(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {name: pack(row[name]) for name in names}


Expected = dict[str, tuple[Any, int]]


def expected(world: Days, days: set[dt.date], wanted: dict[str, Any]) -> Expected:
    """Every KPI as (value, n) of these days; `wanted` has task, category, tier, severity, service."""
    return (
        of_services(world, days, wanted["service"])
        | of_runs(world, days, wanted)
        | of_findings(world, days, wanted["severity"])
        | of_tickets(world, days, wanted["tier"], wanted["severity"])
    )


def share(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole else None


def at(values: list[int], place: Fraction, unit: int = 1) -> float | None:
    """The value at that part of the way, in proportion between neighbours; to the thousandth."""
    if not values:
        return None
    values, where = sorted(values), place * (len(values) - 1)
    low, high = values[math.floor(where)], values[math.ceil(where)]
    return float((low + (where - math.floor(where)) * (high - low)) / unit)


def high(values: list[int], unit: int) -> float | None:
    return at(values, Fraction(19, 20) if len(values) >= 20 else Fraction(1), unit)


def eligible_of(row: dict[str, int]) -> int:
    return row["up"] + row["down"] + row["unknown"] - row["maintenance"]


def uptime_of(row: dict[str, int], up: str, down: str, whole: int) -> float | None:
    """None of less than a quarter of an hour, or of less than a half."""
    known = row[up] + row[down]
    too_little = known < 900_000_000 or Fraction(known) < Fraction(whole, 2)
    return None if too_little else share(row[up], known)


def of_services(world: Days, days: set[dt.date], service: int) -> Expected:
    sums: dict[int, dict[str, int]] = {}
    for day in days & set(world.services):
        for probe, row in world.services[day].items():
            mine = sums.setdefault(probe, dict.fromkeys((*STATES, "outages"), 0))
            for name in mine:
                mine[name] += row[name]
    asked = sums.get(service, dict.fromkeys((*STATES, "outages"), 0))
    each = {probe: row for probe, row in sums.items() if probe and service in (0, probe)}
    said = [row for row in each.values() if uptime_of(row, "net_up", "net_down", eligible_of(row)) is not None]
    nets = [float(Fraction(row["net_up"], row["net_up"] + row["net_down"])) for row in said]
    ups, downs = (sum(row[name] for row in said) for name in ("net_up", "net_down"))
    eligible = eligible_of(asked)
    existing = asked["up"] + asked["down"] + asked["unknown"]
    return {
        "uptime": (uptime_of(asked, "net_up", "net_down", eligible), asked["outages"]),
        "uptime_gross": (uptime_of(asked, "up", "down", existing), asked["outages"]),
        "uptime_coverage": (share(asked["net_up"] + asked["net_down"], eligible), len(each)),
        "uptime_worst": (min(nets, default=None), len(nets)),
        "uptime_mean": (share(ups, ups + downs), len(nets)),
    }


def of_runs(world: Days, days: set[dt.date], wanted: dict[str, Any]) -> Expected:
    known = days & set(world.runs)
    task, category = wanted["task"], wanted["category"]

    def fits(key: tuple[str, str]) -> bool:
        if task:
            return key[1] == task and category in ("", key[0])
        return key == (category, "")

    rows = [row for day in known for key, row in world.runs[day].items() if fits(key)]
    n = {name: sum(row[name] for row in rows) for name in RUNS}
    took, late = ([value for row in rows for value in row[name]] for name in ("durations", "lateness"))
    done = n["succeeded"] + n["warning"]
    counted = done + n["failed"] + n["timed_out"] + n["lost"]
    found: Expected = {
        "success_rate": (share(done, counted), counted),
        "success_rate_strict": (share(done, counted + n["missed"]), counted + n["missed"]),
        "schedule_adherence": (share(n["in_time"], n["expected"]), n["expected"]),
        "lateness_p95_seconds": (high(late, 1000), len(late)),
        "tasks_completed": (done, done),
        "average_task_duration_seconds": (float(Fraction(sum(took), 1000 * len(took))) if took else None, len(took)),
        "task_duration_p50_seconds": (at(took, Fraction(1, 2), 1000), len(took)),
        "task_duration_p95_seconds": (high(took, 1000), len(took)),
        "task_duration_max_seconds": (at(took, Fraction(1), 1000), len(took)),
        "attempts": (n["attempts"], counted),
        "overruns": (n["overran"], n["overran"]),
        "dry_runs": (n["dry_runs"], n["dry_runs"]),
    }
    for state in ("failed", "timed_out", "lost", "cancelled", "skipped", "not_configured"):
        found[f"runs_{state}"] = n[state], n[state]
    for name in ("expected", "in_time", "missed", "held"):
        found[f"occurrences_{name}"] = n[name], n[name]
    return found if known else dict.fromkeys(found, (None, 0))


def of_findings(world: Days, days: set[dt.date], severity: str) -> Expected:
    known = sorted(days & set(world.findings))
    rows = [world.findings[day][severity] for day in known if severity in world.findings[day]]
    last = rows[-1]["open"] if rows else 0
    found = {
        "findings_found": sum(row["found"] for row in rows),
        "findings_resolved": sum(row["resolved"] for row in rows),
        "findings_open": last,
    }
    return {name: (number, number) if known else (None, 0) for name, number in found.items()}


def of_tickets(world: Days, days: set[dt.date], tier: int, severity: str) -> Expected:
    known = sorted(days & set(world.tickets))
    mine = [world.tickets[day][tier, severity] for day in known if (tier, severity) in world.tickets[day]]
    n = {name: sum(row[name] for row in mine) for name in HAPPENED}
    answers, ends = ([value for row in mine for value in row[name]] for name in ("answers", "resolutions"))
    end = known[-1] if known else START
    left = world.tickets.get(end, {}).get((tier, severity), dict.fromkeys(LEFT, 0) | dict.fromkeys(AGES))
    came, went = (n["received"], n["escalated"]) if tier else (n["opened"], 0)
    responses, ended = n["responses_met"] + n["responses_missed"], n["resolutions_met"] + n["resolutions_missed"]
    pace = [day for day in world.tickets if end - dt.timedelta(days=27) <= day <= end]
    resolved = sum(world.tickets[day].get((tier, severity), {}).get("resolved", 0) for day in pace)
    count: Callable[[int], tuple[int, int]] = lambda number: (number, number)  # noqa: E731
    found: Expected = {
        "tickets_opened": count(came),
        "tickets_resolved": count(n["resolved"]),
        "tickets_left_out": count(n["left_out"]),
        "tickets_reopened": count(n["reopened"]),
        "tickets_escalated": count(n["escalated"]),
        "net_flow": (came - n["resolved"] - went, came + n["resolved"] + went),
        "backlog": count(left["open"]),
        "backlog_unassigned": count(left["open_unassigned"]),
        "backlog_age_median_seconds": (left["open_age_median"], left["open"]),
        "backlog_age_p90_seconds": (left["open_age_p90"], left["open"]),
        "backlog_age_oldest_seconds": (left["open_age_oldest"], left["open"]),
        "days_to_clear": (float(Fraction(left["open"] * len(pace), resolved)) if resolved else None, resolved),
        "mtta_median_seconds": (at(answers, Fraction(1, 2)), len(answers)),
        "mtta_p90_seconds": (at(answers, Fraction(9, 10)), len(answers)),
        "mttr_median_seconds": (at(ends, Fraction(1, 2)), len(ends)),
        "mttr_p90_seconds": (at(ends, Fraction(9, 10)), len(ends)),
        "mttr_mean_seconds": (float(Fraction(sum(ends), len(ends))) if ends else None, len(ends)),
        "unacknowledged": count(left["open_unanswered"]),
        "unacknowledged_oldest_seconds": (left["unanswered_age_oldest"], left["open_unanswered"]),
        "response_compliance": (share(n["responses_met"], responses), responses),
        "resolution_compliance": (share(n["resolutions_met"], ended), ended),
        "escalation_rate": (share(n["escalated"], came), came),
        "reopen_rate": (share(n["reopened"], n["resolved"]), n["resolved"]),
    }
    return found if known else dict.fromkeys(found, (None, 0))
