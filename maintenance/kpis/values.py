"""The KPIs of a period, read from the days: the one source of the page, the files and the weekly report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from incidents.measures import reading as ticket_reading
from incidents.measures.reading import Figures
from incidents.models import ALL_SEVERITIES, ALL_TIERS
from maintenance.kpis import finding_reading, run_reading, service_reading
from maintenance.kpis.catalog import KPIS
from maintenance.kpis.finding_reading import Findings
from maintenance.kpis.period import Period
from maintenance.kpis.run_reading import Runs
from maintenance.kpis.service_reading import Uptime
from maintenance.kpis.value import NOTHING, Filters, Value
from maintenance.rules import ratios
from maintenance.rules.ratios import ENOUGH_FOR_P95, ratio
from zbmaint.rollup import days
from zbmaint.rollup.spread import Spread

__all__ = ["Filters", "Value", "Values", "headline_success", "read"]

# How fast a backlog is worked off is read from so many days.
PACE_DAYS: Final = 28
_MILLI: Final = 1_000


@dataclass(frozen=True)
class Values(Mapping[str, Value]):
    """A value for every KPI of the catalogue, in its order."""

    period: Period
    filters: Filters
    known: Mapping[str, Value]

    def __getitem__(self, key: str) -> Value:
        return self.known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def flat(self) -> dict[str, int | float | str | None]:
        """What files hold: `from` and `to` (of an ISO week also `week_starting`), then every KPI by its key.

        Ratios are 0 to 1, lengths seconds; None where nothing is known.
        """
        dates = {"from": self.period.first, "to": self.period.last}
        if self.period.week_starting:
            dates["week_starting"] = self.period.week_starting
        written = {name: day.isoformat() for name, day in dates.items()}
        return {**written, **{key: value.value for key, value in self.items()}}


@dataclass(frozen=True)
class Sources:
    """What the days of a period add up to. `paced` are the tickets of the four weeks before its end."""

    period: Period
    filters: Filters
    uptime: Uptime
    runs: Runs
    findings: Findings
    tickets: Figures
    paced: Figures | None

    def values(self) -> Values:
        """Every KPI."""
        found = {
            **_of_services(self.uptime),
            **_of_runs(self.runs),
            **_of_findings(self.findings),
            **_of_tickets(self.tickets, tier=self.filters.tier),
            "days_to_clear": _days_to_clear(self.tickets, self.paced),
        }
        return Values(self.period, self.filters, {key: found[key] for key in KPIS})


class Loaded(NamedTuple):
    """Days of tickets and of runs, which charts and tables read again."""

    tickets: ticket_reading.Loaded
    runs: run_reading.Loaded


def load(period: Period, filters: Filters, *, compared: bool) -> Loaded:
    """The days of a period; `compared`, with all that its page shows: also those of the period before it, and of every
    tier, task and category. Three queries, or two."""
    earliest = period.previous() if compared else period
    others_from = period.first if compared else period.last + days.A_DAY
    first, last = reach(earliest)[0], period.last
    return Loaded(
        ticket_reading.load(
            first, last, filters.tier, filters.severity, tiers_from=others_from, spreads_from=earliest.first
        ),
        run_reading.load(earliest.first, last, task=filters.task, category=filters.category, others_from=others_from),
    )


def read(period: Period, filters: Filters | None = None, loaded: Loaded | None = None) -> Values:
    """What is known of a period. Days that are not rolled up yet count for nothing; without any of them all is None.

    Four queries, of the days alone.
    """
    return gather(period, filters or Filters(), loaded).values()


# Those of `headlines`.
HEADLINES: Final = (
    *("uptime", "success_rate", "success_rate_strict", "occurrences_missed"),
    *("task_duration_p50_seconds", "response_compliance"),
)


def headline_success(values: Mapping[str, Value]) -> str:
    """The key of the success rate to show where there is room for one: the strict one when anything was missed, so that
    jobs which never started are not hidden."""
    return ratios.headline_success(values["occurrences_missed"].value)


def headlines(period: Period) -> dict[str, Value]:
    """Some of the same, of everything, for who needs no more: without every service, and how long tickets took. Also
    `uptime_coverage`, of which n is not known here. Three queries."""
    after = period.last + days.A_DAY
    tickets = ticket_reading.load(
        period.first, period.last, ALL_TIERS, ALL_SEVERITIES, tiers_from=after, spreads_from=after
    )
    runs = run_reading.load(period.first, period.last, task="", category="", others_from=after)
    found = {
        **_of_services(Uptime(service_reading.read_system(period.first, period.last), {})),
        **_of_runs(runs.total(period.first, period.last)),
        **_of_tickets(tickets.read(period.first, period.last), tier=ALL_TIERS),
    }
    return {key: found[key] for key in (*HEADLINES, "uptime_coverage")}


def gather(period: Period, filters: Filters, loaded: Loaded | None = None) -> Sources:
    """The same before it is put into KPIs; two queries when its days are loaded."""
    loaded = loaded or load(period, filters, compared=False)
    tickets = loaded.tickets.read(period.first, period.last, filters.tier, filters.severity)
    return Sources(
        period,
        filters,
        service_reading.read(period.first, period.last, filters.service),
        loaded.runs.total(period.first, period.last),
        finding_reading.total(period.first, period.last, severity=filters.severity),
        tickets,
        _paced(tickets, filters, loaded.tickets),
    )


def reach(period: Period) -> tuple[dt.date, dt.date]:
    """The first and the last of the days that the values of a period come from: those of its pace reach back."""
    return period.first - (PACE_DAYS - 1) * days.A_DAY, period.last


def _paced(tickets: Figures, filters: Filters, loaded: ticket_reading.Loaded) -> Figures | None:
    if tickets.backlog is None:
        return None
    end = tickets.backlog.day
    return loaded.read(end - (PACE_DAYS - 1) * days.A_DAY, end, filters.tier, filters.severity)


def _of_services(seen: Uptime) -> dict[str, Value]:
    totals, outages = seen.asked.totals, seen.asked.outages
    known = sum(sums.totals.net is not None for sums in seen.services.values())
    return {
        "uptime": Value(totals.net, outages),
        "uptime_gross": Value(totals.gross, outages),
        "uptime_coverage": Value(totals.coverage, len(seen.services)),
        "uptime_worst": Value(seen.worst_net, known),
        "uptime_mean": Value(seen.mean_net, known),
    }


def _of_runs(runs: Runs) -> dict[str, Value]:
    took, late = runs.durations, runs.lateness
    found = {
        "success_rate": Value(runs.success_rate, runs.counted),
        "success_rate_strict": Value(runs.success_rate_strict, runs.counted + runs.missed),
        "schedule_adherence": Value(runs.adherence, runs.expected),
        "lateness_p95_seconds": _length(p95(late), late, _MILLI),
        "tasks_completed": _count(runs.completed),
        "average_task_duration_seconds": _length(took.mean, took, _MILLI),
        "task_duration_p50_seconds": _length(took.quantile(0.5), took, _MILLI),
        "task_duration_p95_seconds": _length(p95(took), took, _MILLI),
        "task_duration_max_seconds": _length(took.largest, took, _MILLI),
        "runs_failed": _count(runs.failed),
        "runs_timed_out": _count(runs.timed_out),
        "runs_lost": _count(runs.lost),
        "runs_cancelled": _count(runs.cancelled),
        "runs_skipped": _count(runs.skipped),
        "runs_not_configured": _count(runs.not_configured),
        "dry_runs": _count(runs.dry_runs),
        "attempts": Value(runs.attempts, runs.counted),
        "overruns": _count(runs.overran),
        "occurrences_expected": _count(runs.expected),
        "occurrences_in_time": _count(runs.in_time),
        "occurrences_missed": _count(runs.missed),
        "occurrences_held": _count(runs.held),
    }
    return found if runs.days else dict.fromkeys(found, NOTHING)


def _of_findings(findings: Findings) -> dict[str, Value]:
    found = {
        "findings_found": _count(findings.found),
        "findings_resolved": _count(findings.resolved),
        "findings_open": _count(findings.open or 0),
    }
    return found if findings.days else dict.fromkeys(found, NOTHING)


def _of_tickets(figures: Figures, *, tier: int) -> dict[str, Value]:
    counts = figures.counts
    opened, left = (counts.received, counts.escalated) if tier else (counts.opened, 0)
    responses = counts.responses_met + counts.responses_missed
    resolutions = counts.resolutions_met + counts.resolutions_missed
    found = {
        "tickets_opened": _count(opened),
        "tickets_resolved": _count(counts.resolved),
        "tickets_left_out": _count(counts.left_out),
        "tickets_reopened": _count(counts.reopened),
        "tickets_escalated": _count(counts.escalated),
        "net_flow": Value(opened - counts.resolved - left, opened + counts.resolved + left),
        "mtta_median_seconds": _length(figures.answers.quantile(0.5), figures.answers),
        "mtta_p90_seconds": _length(figures.answers.quantile(0.9), figures.answers),
        "mttr_median_seconds": _length(figures.resolutions.quantile(0.5), figures.resolutions),
        "mttr_p90_seconds": _length(figures.resolutions.quantile(0.9), figures.resolutions),
        "mttr_mean_seconds": _length(figures.resolutions.mean, figures.resolutions),
        "response_compliance": Value(ratio(counts.responses_met, responses), responses),
        "resolution_compliance": Value(ratio(counts.resolutions_met, resolutions), resolutions),
        "escalation_rate": Value(ratio(counts.escalated, opened), opened),
        "reopen_rate": Value(ratio(counts.reopened, counts.resolved), counts.resolved),
        **_of_backlog(figures),
    }
    return found if figures.days else dict.fromkeys(found, NOTHING)


def _of_backlog(figures: Figures) -> dict[str, Value]:
    left = figures.backlog or ticket_reading.Backlog(dt.date.min)
    return {
        "backlog": _count(left.open),
        "backlog_unassigned": _count(left.open_unassigned),
        "backlog_age_median_seconds": Value(left.open_age_median, left.open),
        "backlog_age_p90_seconds": Value(left.open_age_p90, left.open),
        "backlog_age_oldest_seconds": Value(left.open_age_oldest, left.open),
        "unacknowledged": _count(left.open_unanswered),
        "unacknowledged_oldest_seconds": Value(left.unanswered_age_oldest, left.open_unanswered),
    }


def _days_to_clear(figures: Figures, paced: Figures | None) -> Value:
    """At the pace of the four weeks before the end, or of those days of them that are known."""
    if figures.backlog is None or paced is None:
        return NOTHING
    resolved = paced.counts.resolved
    return Value(round(figures.backlog.open * paced.days / resolved, 3) if resolved else None, resolved)


def p95(spread: Spread) -> float | None:
    """Their 95th percentile; the largest when they are too few for one."""
    return spread.quantile(0.95) if spread.number >= ENOUGH_FOR_P95 else spread.largest


def _count(number: int) -> Value:
    return Value(number, number)


def _length(measured: float | None, of: Spread, unit: int = 1) -> Value:
    """A length in seconds, to the millisecond, of what was measured in so many parts of a second."""
    return Value(None if measured is None else round(measured / unit, 3), of.number)
