"""What charts draw: the days of a period, put together to its parts (days, weeks, months)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Sum

from incidents.measures import reading as ticket_reading
from incidents.models import ALL_SEVERITIES, ALL_TIERS, TicketDay
from maintenance.kpis import run_reading
from maintenance.kpis.period import Period
from maintenance.kpis.service_days import COLUMNS
from maintenance.kpis.value import Filters
from maintenance.kpis.values import Loaded
from maintenance.models import ServiceDay
from maintenance.rules.ratios import ENOUGH_FOR_P95, ratio
from maintenance.rules.uptime import Totals
from zbmaint.rollup import days
from zbmaint.rollup.spread import Spread

Found = TypeVar("Found")


@dataclass(frozen=True)
class TicketPoint:
    """Tickets of a part; None: nothing is known of it. Lengths in seconds."""

    part: Period
    opened: int | None = None
    resolved: int | None = None
    responses: int = 0
    in_target: float | None = None
    answered: int = 0
    mtta: float | None = None
    ended: int = 0
    mttr: float | None = None


@dataclass(frozen=True)
class RunPoint:
    """Runs of a part. Lengths in seconds; `p95` is the longest, of fewer than twenty."""

    part: Period
    completed: int | None = None
    counted: int = 0
    missed: int = 0
    success: float | None = None
    strict: float | None = None
    p50: float | None = None
    p95: float | None = None
    mean: float | None = None


@dataclass(frozen=True)
class UptimePoint:
    """Uptime of a part."""

    part: Period
    net: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Series:
    """All of them. `queue` is the backlog by tier at the end of each part; `targets` how many responses of a tier and
    severity were in time and late."""

    parts: list[Period]
    tickets: list[TicketPoint]
    queue: list[Mapping[int, int] | None]
    targets: Mapping[tuple[int, str], tuple[int, int]]
    runs: list[RunPoint]
    uptime: list[UptimePoint]


def read(period: Period, filters: Filters, loaded: Loaded) -> Series:
    """Three queries; tickets and runs are loaded."""
    parts = period.parts()
    return Series(
        parts,
        _tickets(parts, filters, loaded.tickets),
        _queue(parts, filters),
        _targets(period, filters),
        _runs(parts, loaded.runs),
        _uptime(parts, filters),
    )


def _tickets(parts: list[Period], filters: Filters, loaded: ticket_reading.Loaded) -> list[TicketPoint]:
    read = loaded.each_day(parts[0].first, parts[-1].last, filters.tier, filters.severity)
    known = {day.day: day for day in read if day.counts is not None}
    return [_ticket_point(part, _in(part, known), filters.tier) for part in parts]


def _ticket_point(part: Period, found: list[ticket_reading.Day], tier: int) -> TicketPoint:
    if not found:
        return TicketPoint(part)
    counts = [day.counts for day in found if day.counts is not None]
    met, missed = sum(each.responses_met for each in counts), sum(each.responses_missed for each in counts)
    answers, ends = Spread.joined(day.answers for day in found), Spread.joined(day.resolutions for day in found)
    return TicketPoint(
        part,
        opened=sum(each.received if tier else each.opened for each in counts),
        resolved=sum(each.resolved for each in counts),
        responses=met + missed,
        in_target=ratio(met, met + missed),
        answered=answers.number,
        mtta=answers.quantile(0.5),
        ended=ends.number,
        mttr=ends.quantile(0.5),
    )


def _queue(parts: list[Period], filters: Filters) -> list[Mapping[int, int] | None]:
    """A day has rows of what is there alone: a tier without one has nothing in it, when the day is known."""
    rows = TicketDay.objects.filter(day__range=(parts[0].first, parts[-1].last)).order_by("day")
    all_severities = rows.filter(tier=ALL_TIERS, severity=ALL_SEVERITIES).values_list("day", "tier", "open")
    mine = rows.filter(tier__gt=ALL_TIERS, severity=filters.severity).values_list("day", "tier", "open")
    found: dict[dt.date, dict[int, int]] = {}
    for day, tier, number in all_severities.union(mine, all=True).order_by("day"):
        left = found.setdefault(day, {})
        if tier != ALL_TIERS and filters.tier in (ALL_TIERS, tier):
            left[tier] = number
    return [next(iter(_in(part, found)[::-1]), None) for part in parts]


def _targets(period: Period, filters: Filters) -> dict[tuple[int, str], tuple[int, int]]:
    rows = TicketDay.objects.filter(day__range=(period.first, period.last), tier__gt=ALL_TIERS)
    rows = rows.filter(severity=filters.severity) if filters.severity else rows.exclude(severity=ALL_SEVERITIES)
    if filters.tier:
        rows = rows.filter(tier=filters.tier)
    sums = rows.order_by().values("tier", "severity").annotate(met=Sum("responses_met"), missed=Sum("responses_missed"))
    return {(row["tier"], row["severity"]): (row["met"], row["missed"]) for row in sums if row["met"] or row["missed"]}


def _runs(parts: list[Period], loaded: run_reading.Loaded) -> list[RunPoint]:
    found = loaded.by_day(parts[0].first, parts[-1].last)
    return [_run_point(part, _in(part, found)) for part in parts]


def _run_point(part: Period, found: list[run_reading.Runs]) -> RunPoint:
    if not found:
        return RunPoint(part)
    took = Spread.joined(runs.durations for runs in found)
    completed, counted = sum(runs.completed for runs in found), sum(runs.counted for runs in found)
    missed = sum(runs.missed for runs in found)
    high = took.quantile(0.95) if took.number >= ENOUGH_FOR_P95 else took.largest
    return RunPoint(
        part,
        completed,
        counted,
        missed,
        ratio(completed, counted),
        ratio(completed, counted + missed),
        _seconds(took.quantile(0.5)),
        _seconds(high),
        _seconds(took.mean),
    )


def _uptime(parts: list[Period], filters: Filters) -> list[UptimePoint]:
    rows = ServiceDay.objects.filter(probe=filters.service, day__range=(parts[0].first, parts[-1].last)).order_by()
    found = {day: Totals(*columns) for day, *columns in rows.values_list("day", *COLUMNS)}
    return [_uptime_point(part, _in(part, found)) for part in parts]


def _uptime_point(part: Period, found: list[Totals]) -> UptimePoint:
    totals = sum(found, Totals())
    return UptimePoint(part, totals.net, totals.coverage)


def _in(part: Period, found: Mapping[dt.date, Found]) -> list[Found]:
    """What there is of the days of a part, in order."""
    return [found[day] for day in days.each(part.first, part.last) if day in found]


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1_000, 3)


def tiers_of(queue: Iterable[Mapping[int, Any] | None]) -> list[int]:
    """The tiers that have had anything in them."""
    return sorted({tier for left in queue if left for tier in left})
