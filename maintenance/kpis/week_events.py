"""What happened in a week that a report names: runs that went wrong, outages, down time that was taken out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db.models import F, Q
from django.utils import timezone

from incidents.models import ResolutionCode, Ticket
from maintenance.kpis import service_reading
from maintenance.kpis.period import Period
from maintenance.models import MaintenanceWindow, Occurrence, Outage, Probe, Run, Span, Target
from maintenance.rules import probe_states, run_states
from maintenance.rules.run_words import what_is_new
from zbmaint.ui.words import label

Row = dict[str, Any]
Work = tuple[str, int | None]  # a task, and the key of its target
# Of more than so many the first are listed.
MOST: Final = 100
BAD_ENDS: Final = (run_states.FAILED, run_states.TIMED_OUT, run_states.LOST)
WORKED_ENDS: Final = (run_states.SUCCEEDED, run_states.WARNING)
# A service that is slow for less is not listed.
SHORTEST_SLOW: Final = dt.timedelta(minutes=5)
LEFT_OUT: Final = (ResolutionCode.DUPLICATE, ResolutionCode.NO_FAULT)


class TicketFinder(Protocol):
    """What finds the tickets of things that went wrong: `maintenance.alerts`."""

    def tickets_about(self, kind: str, ids: Sequence[str]) -> Mapping[str, Ticket]:
        """By id."""

    def tickets_of_missed(self, missed: Sequence[Occurrence]) -> Mapping[int, Ticket]:
        """By the key of the due time."""


def troubles(period: Period, titles: Mapping[str, str], finder: TicketFinder) -> tuple[list[Row], int]:
    """The runs that failed, timed out or were lost and the due times that were missed, in the order of their time, with
    their tickets; and how many more there were.

    `mended_at` is when the next run of the same work ended well, if that was before the week was over.
    """
    runs = Run.objects.filter(dry_run=False, state__in=BAD_ENDS)
    runs = runs.filter(finished_at__gte=period.begins, finished_at__lt=period.ends)
    missed = Occurrence.objects.filter(state=Occurrence.State.MISSED)
    missed = missed.filter(due_at__gte=period.begins, due_at__lt=period.ends)
    bad = list(runs.select_related("target").defer("report", "facts", "snapshot").order_by("finished_at", "pk")[:MOST])
    gone = list(missed.select_related("schedule", "scheduled_task__target").order_by("due_at", "pk")[:MOST])
    of_runs = finder.tickets_about("run", [str(run.pk) for run in bad])
    of_missed = finder.tickets_of_missed(gone)
    found = [_Trouble.of_run(run, of_runs.get(str(run.pk))) for run in bad]
    found += [_Trouble.of_missed(each, of_missed.get(each.pk)) for each in gone]
    found.sort(key=lambda each: (each.at, each.task))
    good = _good_ends(period, {each.task for each in found})
    rows = [each.row(titles, good) for each in found[:MOST]]
    return rows, runs.count() + missed.count() - len(rows)


@dataclass(frozen=True)
class _Trouble:
    """Work that was not done."""

    state: str
    task: str
    target: Target | None
    at: dt.datetime
    says: str
    ticket: Ticket | None
    run: int | None

    @classmethod
    def of_run(cls, run: Run, ticket: Ticket | None) -> _Trouble:
        at = run.finished_at or run.queued_at
        return cls(run.state, run.task, run.target, at, what_is_new(run.state, run.verdict), ticket, run.pk)

    @classmethod
    def of_missed(cls, each: Occurrence, ticket: Ticket | None) -> _Trouble:
        says = each.reason[:1].upper() + each.reason[1:]
        return cls("missed", each.task, each.scheduled_task.target, each.due_at, says, ticket, None)

    def row(self, titles: Mapping[str, str], good: Mapping[Work, Sequence[dt.datetime]]) -> Row:
        ends = good.get((self.task, self.target.pk if self.target else None), ())
        mended = next((at for at in ends if at > self.at), None)
        return {
            "state": self.state,
            "task": self.task,
            "title": titles.get(self.task) or label(self.task),
            "target": str(self.target or ""),
            "at": self.at.isoformat(),
            "says": self.says,
            "run": self.run,
            "mended_at": mended.isoformat() if mended else None,
            **_of_ticket(self.ticket),
        }


def _good_ends(period: Period, tasks: set[str]) -> Mapping[Work, Sequence[dt.datetime]]:
    """When runs of these tasks ended well in the week, by task and target."""
    good = Run.objects.filter(dry_run=False, state__in=WORKED_ENDS, task__in=tasks)
    good = good.filter(finished_at__gte=period.begins, finished_at__lt=period.ends).order_by("finished_at")
    found: dict[Work, list[dt.datetime]] = defaultdict(list)
    for task, target, at in good.values_list("task", "target_id", "finished_at"):
        if at is not None:
            found[task, target].append(at)
    return found


def _of_ticket(ticket: Ticket | None) -> Row:
    return {"ticket": str(ticket) if ticket else None, "url": ticket.get_absolute_url() if ticket else None}


def outages(period: Period, finder: TicketFinder) -> tuple[list[Row], int]:
    """When a service was down, or slow for a while, in the order of its beginning; and how many more there were.

    `effect` is down, maintenance (all of it in an approved window) or degraded. `seconds` is the length to its end or
    to that of the week (or to now); `until` is null when it went on then.
    """
    down = Outage.objects.filter(started_at__lt=period.ends)
    down = down.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=period.begins)).select_related("probe")
    slow = Span.objects.filter(state=probe_states.DEGRADED, ends__gt=period.begins, begins__lt=period.ends)
    slow = slow.filter(ends__gte=F("begins") + SHORTEST_SLOW).select_related("probe")
    first = list(down.order_by("started_at", "pk")[:MOST])
    tickets = finder.tickets_about("outage", [str(outage.pk) for outage in first])
    windows = _windows(period)
    rows = [_outage(outage, period, windows, tickets.get(str(outage.pk))) for outage in first]
    rows += [_slow(span, period) for span in slow.order_by("begins", "probe")[:MOST]]
    rows.sort(key=lambda row: (row["from"], row["name"]))
    return rows[:MOST], down.count() + slow.count() - len(rows[:MOST])


def _outage(outage: Outage, period: Period, windows: Sequence[MaintenanceWindow], ticket: Ticket | None) -> Row:
    until = outage.ended_at if outage.ended_at and outage.ended_at <= period.ends else None
    last = until or min(period.ends, timezone.now())
    planned = any(
        window.begins_at <= outage.started_at and last <= window.ends_at
        for window in windows
        if outage.probe in window.services.all()
    )
    effect = "maintenance" if planned else "down"
    about = {"effect": effect, "cause": outage.reason, **_of_ticket(ticket)}
    return _stretch(outage.probe, outage.started_at, until, last) | about


def _slow(span: Span, period: Period) -> Row:
    until = span.ends if span.ends <= period.ends else None
    about = {"effect": "degraded", "cause": "", **_of_ticket(None)}
    return _stretch(span.probe, span.begins, until, until or min(period.ends, timezone.now())) | about


def _stretch(probe: Probe, begins: dt.datetime, until: dt.datetime | None, last: dt.datetime) -> Row:
    return {
        "service": probe.pk,
        "name": str(probe),
        "from": begins.isoformat(),
        "until": until.isoformat() if until else None,
        "seconds": (last - begins).total_seconds(),
    }


def _windows(period: Period) -> list[MaintenanceWindow]:
    windows = MaintenanceWindow.objects.approved().filter(begins_at__lt=period.ends, ends_at__gt=period.begins)
    return list(windows.prefetch_related("services").order_by("begins_at", "pk"))


def erasures(period: Period) -> list[Row]:
    """Down time that windows took out which were approved after it had begun, the longest first."""
    return [
        {
            "service": each.service.pk,
            "name": str(each.service),
            "seconds": each.length.total_seconds(),
            "reason": each.window.reason,
            "from": each.window.begins_at.isoformat(),
            "until": each.window.ends_at.isoformat(),
            "approved_at": each.window.approved_at.isoformat() if each.window.approved_at else None,
            "approved_by": each.by.username if each.by else "",
        }
        for each in service_reading.erasures(period.first, period.last)
    ]


def left_out_tickets(period: Period) -> tuple[list[Row], int]:
    """The tickets that count in no time to resolve, as duplicates or without a fault; and how many more there were."""
    found = Ticket.objects.filter(resolution_code__in=LEFT_OUT, resolved_at__gte=period.begins)
    found = found.filter(resolved_at__lt=period.ends).order_by("number")
    rows = [
        {"ticket": str(ticket), "url": ticket.get_absolute_url(), "why": ticket.get_resolution_code_display()}
        for ticket in found.only("number", "resolution_code")[:MOST]
    ]
    return rows, found.count() - len(rows)
