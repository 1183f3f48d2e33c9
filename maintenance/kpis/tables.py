"""The tables of the KPI page: tiers, people, tasks, categories, services. Shares are 0 to 1, lengths seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.measures import reading as ticket_reading
from incidents.measures.reading import Figures, PersonFigures
from maintenance.kpis.period import Period
from maintenance.kpis.run_reading import Runs
from maintenance.kpis.service_reading import Sums, Uptime
from maintenance.kpis.value import Filters
from maintenance.kpis.values import Loaded, p95
from maintenance.rules.ratios import ENOUGH_COVERAGE, ratio


@dataclass(frozen=True)
class TierRow:
    """A tier: what came to it, and what became of that."""

    tier: int
    received: int
    resolved: int
    escalated: int
    open: int
    responses: int
    in_target: float | None
    answered: int
    answer: float | None
    ended: int
    resolution: float | None


@dataclass(frozen=True)
class TaskRow:
    """A task or a category: what its runs did, and how long those took that did their work."""

    key: str
    completed: int
    counted: int
    success: float | None
    p50: float | None
    p95: float | None
    mean: float | None
    longest: float | None


@dataclass(frozen=True)
class ServiceRow:
    """A service. `down` and `erased` are seconds of down time: what counts, and what late approvals took out."""

    probe: int
    net: float | None
    gross: float | None
    coverage: float | None
    down: float
    erased: float
    outages: int

    @property
    def little(self) -> bool:
        """Whether too little of the time was observed."""
        return self.coverage is None or self.coverage < ENOUGH_COVERAGE


@dataclass(frozen=True)
class Tables:
    """All of them."""

    tiers: list[TierRow]
    people: list[PersonFigures]
    tasks: list[TaskRow]
    categories: list[TaskRow]
    services: list[ServiceRow]
    by_task: Mapping[str, Runs]


def read(period: Period, filters: Filters, uptime: Uptime, loaded: Loaded) -> Tables:
    """One query; services are read already, and the days are loaded to be compared."""
    first, last = period.first, period.last
    tiers = loaded.tickets.by_tier(first, last, filters.severity)
    by_task = loaded.runs.by_task(filters.category)
    if filters.task:
        by_task = {key: runs for key, runs in by_task.items() if key == filters.task}
    categories = {} if filters.task else loaded.runs.by_category()
    return Tables(
        tiers=[tier_row(tier, each) for tier, each in tiers.items() if filters.tier in (0, tier)],
        people=sorted(
            ticket_reading.by_person(first, last), key=lambda each: (-each.open, -each.resolved, each.username)
        ),
        tasks=sorted((task_row(key, runs) for key, runs in by_task.items()), key=lambda row: (-row.counted, row.key)),
        categories=[task_row(key, runs) for key, runs in categories.items() if filters.category in ("", key)],
        services=service_rows(uptime.services),
        by_task=by_task,
    )


def tier_row(tier: int, figures: Figures) -> TierRow:
    """What a tier's figures say."""
    counts = figures.counts
    decided = counts.responses_met + counts.responses_missed
    return TierRow(
        tier=tier,
        received=counts.received,
        resolved=counts.resolved,
        escalated=counts.escalated,
        open=figures.backlog.open if figures.backlog else 0,
        responses=decided,
        in_target=ratio(counts.responses_met, decided),
        answered=figures.answers.number,
        answer=figures.answers.quantile(0.5),
        ended=figures.resolutions.number,
        resolution=figures.resolutions.quantile(0.5),
    )


def task_row(key: str, runs: Runs) -> TaskRow:
    """What the runs of a task or category say: to the millisecond, as its KPIs."""
    took = runs.durations
    lengths = (took.quantile(0.5), p95(took), took.mean, took.largest)
    seconds = (None if milliseconds is None else round(milliseconds / 1_000, 3) for milliseconds in lengths)
    return TaskRow(key, runs.completed, runs.counted, runs.success_rate, *seconds)


def service_rows(services: Mapping[int, Sums]) -> list[ServiceRow]:
    """Each service, the worst first; those of which nothing is known last."""
    rows = [
        ServiceRow(
            probe,
            sums.totals.net,
            sums.totals.gross,
            sums.totals.coverage,
            sums.totals.net_down / 1_000_000,
            sums.totals.erased / 1_000_000,
            sums.outages,
        )
        for probe, sums in services.items()
    ]
    return sorted(rows, key=lambda row: (row.net is None, row.net, -row.down, row.probe))
