"""The rows behind each KPI: as many as its `n`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.conf import settings
from django.db.models import QuerySet

from incidents.measures import rows as ticket_rows
from incidents.measures.rows import ROWS, Scope, scope_of
from incidents.models import ALL_SEVERITIES, ALL_TIERS, Ticket, TicketDay
from maintenance.kpis import run_rows, service_reading
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.kpis.values import PACE_DAYS
from maintenance.models import FindingDay
from zbmaint.access.models import Person
from zbmaint.rollup import days

Kind = Literal["tickets", "runs", "due_times", "findings", "outages"]


@dataclass(frozen=True)
class Part:
    """Some of the rows, under a title. `counts` is False for those that are shown beside the ones of the `n`."""

    title: str
    kind: Kind
    rows: QuerySet[Any]
    counts: bool = True

    @property
    def kept_days(self) -> int:
        """For how many days such rows are kept; figures stay longer."""
        return _KEPT[self.kind]()


_KEPT: Final[dict[Kind, Callable[[], int]]] = {
    "tickets": lambda: settings.TICKET_RETENTION_DAYS,
    "runs": lambda: settings.RUN_RETENTION_DAYS,
    "due_times": lambda: settings.OCCURRENCE_RETENTION_DAYS,
    "findings": lambda: settings.FINDING_RETENTION_DAYS,
    "outages": lambda: settings.OUTAGE_RETENTION_DAYS,
}
Maker = Callable[[Period, Filters], list[Part]]


def parts(key: str, period: Period, filters: Filters) -> list[Part]:
    """The rows behind a KPI, in one or more parts; none for KPIs of services, which are their own rows."""
    maker = _MAKERS.get(key)
    return maker(period, filters) if maker else []


def _runs(figure: str) -> Maker:
    return lambda period, filters: [_run_part("Runs", figure, period, filters)]


def _run_part(title: str, figure: str, period: Period, filters: Filters, *, counts: bool = True) -> Part:
    rows = run_rows.runs(figure, period.first, period.last, task=filters.task, category=filters.category)
    return Part(title, "runs", rows.select_related("target"), counts)


def _due_part(title: str, figure: str, period: Period, filters: Filters, *, counts: bool = True) -> Part:
    rows = run_rows.occurrences(figure, period.first, period.last, task=filters.task, category=filters.category)
    return Part(title, "due_times", rows.select_related("schedule", "run"), counts)


def _due_times(figure: str) -> Maker:
    return lambda period, filters: [_due_part("Due times", figure, period, filters)]


def _success(period: Period, filters: Filters) -> list[Part]:
    bad = [
        _run_part(title, state, period, filters, counts=False)
        for state, title in (("failed", "Failed"), ("timed_out", "Timed out"), ("lost", "Lost"))
    ]
    return [*bad, _run_part("All runs that count", "counted", period, filters)]


def _strict(period: Period, filters: Filters) -> list[Part]:
    return [_due_part("Missed", "missed", period, filters), *_success(period, filters)]


def _adherence(period: Period, filters: Filters) -> list[Part]:
    return [
        _due_part("Not in time", "not_in_time", period, filters),
        _due_part("In time", "in_time", period, filters),
        *_not_expected(period, filters),
    ]


def _expected(period: Period, filters: Filters) -> list[Part]:
    return [_due_part("Due times", "expected", period, filters), *_not_expected(period, filters)]


def _not_expected(period: Period, filters: Filters) -> list[Part]:
    """What is excluded, to be looked at."""
    return [
        _due_part("Left out: held", "held", period, filters, counts=False),
        _due_part("Left out: not configured", "not_configured", period, filters, counts=False),
    ]


def _findings(figure: str) -> Maker:
    def make(period: Period, filters: Filters) -> list[Part]:
        rows = run_rows.findings(figure, period.first, period.last, severity=filters.severity)
        known = FindingDay.objects.filter(day__range=(period.first, period.last)).exists()
        return [Part("Findings", "findings", rows if known else rows.none())]

    return make


def _outages(period: Period, filters: Filters) -> list[Part]:
    return [Part("Outages that began", "outages", service_reading.outages(period.first, period.last, filters.service))]


def _tickets(*figures: tuple[str, str]) -> Maker:
    """Parts (title, figure), all of which count."""
    return lambda period, filters: [_ticket_part(title, figure, _scope(period, filters)) for title, figure in figures]


def _ticket_part(title: str, figure: str, scope: Scope, *, counts: bool = True) -> Part:
    return Part(title, "tickets", ROWS[figure](scope), counts)


def _scope(period: Period, filters: Filters) -> Scope:
    return scope_of(period.first, period.last, filters.tier, filters.severity)


def _opened(period: Period, filters: Filters) -> list[Part]:
    return [_ticket_part("Tickets", _arrival(filters), _scope(period, filters))]


def _arrival(filters: Filters) -> str:
    return "received" if filters.tier else "opened"


def _flow(period: Period, filters: Filters) -> list[Part]:
    scope = _scope(period, filters)
    found = [_ticket_part("Came", _arrival(filters), scope), _ticket_part("Resolved", "resolved", scope)]
    return [*found, _ticket_part("Escalated", "escalated", scope)] if filters.tier else found


def _left(figure: str) -> Maker:
    """What was there at the end: on the last day of the period that is rolled up."""

    def make(period: Period, filters: Filters) -> list[Part]:
        end = _last_known(period)
        if end is None:
            return [_no_tickets("Tickets")]
        return [_ticket_part("Tickets", figure, scope_of(period.first, end, filters.tier, filters.severity))]

    return make


def _no_tickets(title: str) -> Part:
    return Part(title, "tickets", Ticket.objects.none())


def _pace(period: Period, filters: Filters) -> list[Part]:
    title, end = f"Resolved in the {PACE_DAYS} days to the end", _last_known(period)
    if end is None:
        return [_no_tickets(title)]
    scope = scope_of(end - (PACE_DAYS - 1) * days.A_DAY, end, filters.tier, filters.severity)
    return [_ticket_part(title, "resolved", scope)]


def _share(title: str, figure: str, of: str) -> Maker:
    """The tickets of a rate, and those that they are of."""

    def make(period: Period, filters: Filters) -> list[Part]:
        scope, whole = _scope(period, filters), of or _arrival(filters)
        return [
            _ticket_part(title, figure, scope, counts=False),
            _ticket_part("All " + ("resolved" if of else "that came"), whole, scope),
        ]

    return make


def of_person(person: Person, period: Period) -> list[Part]:
    """What is behind the load of a person: what they have at the end, answered first, and what was resolved as theirs.
    Of all tiers and severities."""
    whole, end = scope_of(period.first, period.last), _last_known(period)
    left = _no_tickets("Open at the end")
    if end is not None:
        rows = ticket_rows.backlog(scope_of(period.first, end)).filter(holder=person.pk)
        left = Part("Open at the end", "tickets", rows)
    return [
        left,
        Part("Answered", "tickets", ticket_rows.answers_of_tiers(whole).filter(responded_by=person)),
        Part("Resolved", "tickets", ticket_rows.resolved(whole).filter(assignee=person)),
    ]


def _last_known(period: Period) -> dt.date | None:
    rows = TicketDay.objects.filter(tier=ALL_TIERS, severity=ALL_SEVERITIES, day__range=(period.first, period.last))
    return rows.order_by("-day").values_list("day", flat=True).first()


_MAKERS: Final[dict[str, Maker]] = {
    "uptime": _outages,
    "uptime_gross": _outages,
    "success_rate": _success,
    "success_rate_strict": _strict,
    "schedule_adherence": _adherence,
    "lateness_p95_seconds": _due_times("lateness"),
    "tasks_completed": _runs("completed"),
    "average_task_duration_seconds": _runs("durations"),
    "task_duration_p50_seconds": _runs("durations"),
    "task_duration_p95_seconds": _runs("durations"),
    "task_duration_max_seconds": _runs("durations"),
    "runs_failed": _runs("failed"),
    "runs_timed_out": _runs("timed_out"),
    "runs_lost": _runs("lost"),
    "runs_cancelled": _runs("cancelled"),
    "runs_skipped": _runs("skipped"),
    "runs_not_configured": _runs("not_configured"),
    "dry_runs": _runs("dry_runs"),
    "attempts": _runs("attempts"),
    "overruns": _runs("overran"),
    "occurrences_expected": _expected,
    "occurrences_in_time": _due_times("in_time"),
    "occurrences_missed": _due_times("missed"),
    "occurrences_held": _due_times("held"),
    "findings_found": _findings("found"),
    "findings_resolved": _findings("resolved"),
    "findings_open": _findings("open"),
    "tickets_opened": _opened,
    "tickets_resolved": _tickets(("Tickets", "resolved")),
    "tickets_left_out": _tickets(("Tickets", "left_out")),
    "tickets_reopened": _tickets(("Tickets", "reopened")),
    "tickets_escalated": _tickets(("Tickets", "escalated")),
    "net_flow": _flow,
    "backlog": _left("open"),
    "backlog_unassigned": _left("open_unassigned"),
    "backlog_age_median_seconds": _left("open"),
    "backlog_age_p90_seconds": _left("open"),
    "backlog_age_oldest_seconds": _left("open"),
    "days_to_clear": _pace,
    "mtta_median_seconds": _tickets(("Answers", "answers")),
    "mtta_p90_seconds": _tickets(("Answers", "answers")),
    "mttr_median_seconds": _tickets(("Resolutions", "resolutions")),
    "mttr_p90_seconds": _tickets(("Resolutions", "resolutions")),
    "mttr_mean_seconds": _tickets(("Resolutions", "resolutions")),
    "unacknowledged": _left("open_unanswered"),
    "unacknowledged_oldest_seconds": _left("open_unanswered"),
    "response_compliance": _tickets(("Missed", "responses_missed"), ("In target", "responses_met")),
    "resolution_compliance": _tickets(("Missed", "resolutions_missed"), ("In target", "resolutions_met")),
    "escalation_rate": _share("Escalated", "escalated", ""),
    "reopen_rate": _share("Reopened", "reopened", "resolved"),
}
