"""The rows behind a KPI as a page lists them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from incidents.measures.rows import ticket_of
from maintenance.kpis.behind import Kind, Part
from maintenance.models import FindingStretch, Occurrence, Outage, Run
from maintenance.rules import run_states
from maintenance.rules.run_words import WORDS
from maintenance.tasks.catalog import title_of
from zbmaint.ui.words import duration, label

PAGE_SIZE: Final = 50
MAY: Final[dict[Kind, str]] = {
    "tickets": "incidents.view_ticket",
    "runs": "maintenance.view_run",
    "due_times": "maintenance.view_schedule",
    "findings": "maintenance.view_finding",
    "outages": "maintenance.view_probe",
}


@dataclass(frozen=True)
class Found:
    """One row: what it is, when it counted, how long it took; `severity` or `state` where it has one."""

    name: str
    href: str
    says: str
    moment: dt.datetime | None
    length: dt.timedelta | None = None
    severity: str = ""
    state: str = ""
    word: str = ""


@dataclass(frozen=True)
class FoundPage:
    """A page of them, of `total` in all."""

    rows: list[Found]
    number: int
    total: int

    @property
    def first(self) -> int:
        """The place of the first, counted from 1."""
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The place of the last."""
        return self.first + len(self.rows) - 1

    @property
    def has_next(self) -> bool:
        """Whether there are more behind it."""
        return self.last < self.total


def read(part: Part, number: int, total: int) -> FoundPage:
    """A page of a part, of which there are `total` rows; one query."""
    start = (number - 1) * PAGE_SIZE
    return FoundPage([_WRITERS[part.kind](row) for row in part.rows[start : start + PAGE_SIZE]], number, total)


def _ticket(row: Any) -> Found:
    ticket = ticket_of(row)
    seconds = getattr(row, "seconds", None)
    tier = getattr(row, "tier", None) or ticket.tier
    return Found(
        name=f"{ticket}, {ticket.title}",
        href=ticket.get_absolute_url(),
        says=str(tier),
        moment=row.moment,
        length=None if seconds is None else dt.timedelta(seconds=seconds),
        severity=ticket.severity,
    )


def _run(run: Run) -> Found:
    words = WORDS[run.state]
    target = f", {run.target}" if run.target else ""
    attempts = f", attempt {run.attempt}" if run.attempt > 1 else ""
    return Found(
        name=f"{run}, {title_of(run.task)}",
        href=run.get_absolute_url(),
        says=f"{words.label}{', dry run' if run.dry_run else ''}{target}{attempts}",
        moment=run.finished_at,
        length=run.duration,
        state=run.state,
        word=words.label,
    )


def _due_time(due: Occurrence) -> Found:
    never_began = _never_began(due)
    state, word = (due.run.state, WORDS[due.run.state].label) if due.run and never_began else (due.state, "")
    return Found(
        name=f"{title_of(due.task)} of {due.schedule}",
        href=reverse("run", args=[due.run_id]) if due.run_id else "",
        says=_became(due),
        moment=due.due_at,
        length=None if never_began else due.lateness,
        state=state,
        word=word or label(due.get_state_display()),
    )


def _never_began(due: Occurrence) -> bool:
    """Whether it was handed over, and its run ended without having begun."""
    if due.run is None or due.state != due.State.STARTED:
        return False
    return due.run.started_at is None and due.run.state in run_states.FINAL


def _became(due: Occurrence) -> str:
    """Why it counts as in time, as late, or as not expected."""
    if _never_began(due):
        return "Its run never began"
    if due.state != due.State.STARTED or due.decided_at is None:
        return label(due.reason or due.get_state_display())
    allowed = duration(due.start_by - due.due_at)
    return f"Started {'within' if due.decided_at <= due.start_by else 'later than'} the {allowed} that are allowed"


def _finding(stretch: FindingStretch) -> Found:
    finding = stretch.finding
    return Found(
        name=finding.title,
        href=finding.get_absolute_url(),
        says=f"{stretch.get_state_display()}{f', {finding.target}' if finding.target else ''}",
        moment=stretch.since,
        length=(stretch.ends or timezone.now()) - stretch.since,
        severity=stretch.severity,
    )


def _outage(outage: Outage) -> Found:
    return Found(
        name=outage.probe.name,
        href="",
        says=outage.reason if outage.ended_at else f"{outage.reason}. It goes on",
        moment=outage.started_at,
        length=outage.length,
    )


_WRITERS: Final[dict[Kind, Callable[[Any], Found]]] = {
    "tickets": _ticket,
    "runs": _run,
    "due_times": _due_time,
    "findings": _finding,
    "outages": _outage,
}
