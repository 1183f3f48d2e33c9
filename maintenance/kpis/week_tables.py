"""The tables of a weekly report: tasks, tiers and services, each with the week `before` beside it, if there is one.

They are read from the same days as the KPIs, and are the same numbers as those with a filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from incidents.measures import reading as ticket_reading
from incidents.measures.reading import Figures
from incidents.models import ALL_TIERS, Tier
from maintenance.kpis import run_reading, service_reading
from maintenance.kpis.period import Period
from maintenance.kpis.run_reading import Runs
from maintenance.kpis.service_reading import Sums, Uptime
from maintenance.models import SYSTEM, Probe, ScheduledTask
from maintenance.rules.figure_words import minus
from maintenance.rules.ratios import ratio
from zbmaint.ui.words import label

Row = dict[str, Any]
MILLISECONDS: Final = 1_000
MICROSECONDS: Final = 1_000_000
ALL_NAME: Final = "All"
SYSTEM_NAME: Final = "All critical services at once"


def titles_of_tasks() -> dict[str, str]:
    """What the calendar calls each task."""
    return dict(ScheduledTask.objects.exclude(label="").order_by("-pk").values_list("task", "label"))


def tasks(period: Period, before: Period | None, titles: Mapping[str, str]) -> list[Row]:
    """A row for each task that was due or ran in the week, by title, and last one of all (an empty `task`)."""
    now, then = (run_reading.by_task(each.first, each.last) if each else {} for each in (period, before))
    rows = [_task(key, titles.get(key) or label(key), runs, then.get(key, Runs())) for key, runs in now.items()]
    every = (run_reading.total(each.first, each.last) if each else Runs() for each in (period, before))
    return [*sorted(rows, key=lambda row: (row["title"], row["task"])), _task("", ALL_NAME, *every)] if rows else []


def _task(key: str, title: str, runs: Runs, before: Runs) -> Row:
    average, average_before = _average(runs), _average(before)
    return {
        "task": key,
        "title": title,
        "planned": runs.expected,
        "completed": runs.completed,
        "failed": runs.counted - runs.completed,
        "missed": runs.missed,
        "held": runs.held,
        "not_configured": runs.not_configured,
        "success_rate": runs.success_rate,
        "average_seconds": average,
        "average_seconds_before": average_before,
        "change_seconds": minus(average, average_before),
    }


def _average(runs: Runs) -> float | None:
    mean = runs.durations.mean
    return None if mean is None else round(mean / MILLISECONDS, 3)


def tiers(period: Period, before: Period | None) -> list[Row]:
    """A row for each tier, and last one of all (tier 0). A ticket that moves up is received by each tier."""
    now, then = (
        ticket_reading.by_tier(each.first, each.last) | {ALL_TIERS: ticket_reading.read(each.first, each.last)}
        if each
        else {}
        for each in (period, before)
    )
    names = dict(Tier.objects.order_by("number").values_list("number", "name"))
    numbers = [*sorted(names | {number: "" for number in now if number}), ALL_TIERS]
    return [_tier(number, names.get(number, ""), now.get(number), then.get(number)) for number in numbers]


def _tier(number: int, name: str, figures: Figures | None, before: Figures | None) -> Row:
    counts = figures.counts if figures else ticket_reading.Counts()
    responses = counts.responses_met + counts.responses_missed
    compliance, compliance_before = ratio(counts.responses_met, responses), None
    responses_before = 0
    if before is not None:
        responses_before = before.counts.responses_met + before.counts.responses_missed
        compliance_before = ratio(before.counts.responses_met, responses_before)
    median = figures.answers.quantile(0.5) if figures else None
    return {
        "tier": number,
        "name": name,
        "received": counts.received if number else counts.opened,
        "resolved": counts.resolved,
        "escalated": counts.escalated,
        "responses_met": counts.responses_met,
        "responses": responses,
        "responses_before": responses_before,
        "response_compliance": compliance,
        "response_compliance_before": compliance_before,
        "change": minus(compliance, compliance_before),
        "mtta_median_seconds": median,
    }


def services(period: Period, before: Period | None) -> list[Row]:
    """A row for each service that existed in the week, by name, after one of the system (service 0)."""
    now = service_reading.read(period.first, period.last)
    then = service_reading.read(before.first, before.last) if before else Uptime(Sums(), {})
    probes = Probe.objects.in_bulk(list(now.services))
    rows = [
        _service(key, str(probes.get(key) or f"Service {key}"), sums, then.services.get(key, Sums()))
        for key, sums in now.services.items()
    ]
    rows.sort(key=lambda row: (row["name"], row["service"]))
    system = [_service(SYSTEM, SYSTEM_NAME, now.asked, then.asked)] if now.asked.totals.existing else []
    return [*system, *rows]


def _service(key: int, name: str, sums: Sums, before: Sums) -> Row:
    totals = sums.totals
    return {
        "service": key,
        "name": name,
        "uptime": totals.net,
        "uptime_gross": totals.gross,
        "coverage": totals.coverage,
        "uptime_before": before.totals.net,
        "down_seconds": totals.net_down / MICROSECONDS,
        "unknown_seconds": totals.unknown / MICROSECONDS,
        "maintenance_seconds": totals.maintenance / MICROSECONDS,
        "erased_seconds": totals.erased / MICROSECONDS,
        "outages": sums.outages,
    }
