"""The whole history, in one transaction: all of it or nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from incidents.models import Ticket, TicketWords
from maintenance.models import (
    Finding,
    FindingSighting,
    LogLine,
    Occurrence,
    Reading,
    Run,
    RunStep,
    Schedule,
    Span,
)
from zbmaint.access.models import InstalledDefault
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo import mark, people, platform, probes, sheets, targets
from zbmaint.dashboard.demo.asked import Asked, Due
from zbmaint.dashboard.demo.audit import Book, Deed
from zbmaint.dashboard.demo.calendar import Calendar, run_of
from zbmaint.dashboard.demo.cases import Cases
from zbmaint.dashboard.demo.copying import Row, analyze, copy_rows, copy_sheet, lock, take_ids
from zbmaint.dashboard.demo.desk import Desk
from zbmaint.dashboard.demo.findings import Findings
from zbmaint.dashboard.demo.period import Period
from zbmaint.dashboard.demo.runs import Batch, Writer, asked_for
from zbmaint.dashboard.demo.tickets import Tickets

RUNS_A_BATCH = 2_000
OCCURRENCE_FIELDS = (
    *("id", "schedule", "version", "scheduled_task", "position", "task", "due_at", "start_by", "planned_at"),
    *("catch_up", "overlap", "state", "reason", "decided_at", "run", "skipped_by"),
)


class DemoRefused(Exception):
    """Nothing was generated. The message says why, for people."""


@dataclass(frozen=True)
class Made:
    """How many rows there are now."""

    runs: int
    occurrences: int
    findings: int
    tickets: int
    readings: int


@transaction.atomic
def generate(period: Period, runs: int, tickets: int) -> Made:
    """Generate the period with `runs` on the demo targets and `tickets` of people. Raises DemoRefused, with nothing
    written.

    Every run has ended, nothing is handed to a worker, and nothing is left to the ticker but what becomes due later.
    """
    # Whoever plans, starts or generates at the same time waits, and then finds what is here.
    lock(InstalledDefault, Schedule, Occurrence, Run, *sheets.TABLES)
    _refuse_unless_empty()
    mark.write(mark.Mark(period.days, period.seed))
    cast, made = people.make(period), targets.make(period)
    desk = Desk(period, cast)
    desk.set_up()
    target_ids = {name: target.pk for name, target in made.items()}
    calendar, findings = Calendar(period, desk.roles), Findings(period, target_ids, desk.roles["tier3"])
    cases, book = Cases(made, desk), Book()
    due = sorted(calendar.due(), key=lambda each: (each.due_at, each.task.position))
    asked = [run for each in due if (run := run_of(each))] + asked_for(period, runs, desk.roles)
    asked.sort(key=lambda each: each.at)
    book.add(calendar.write_freezes() + calendar.pause_deeds())
    cases.expect(due)
    by_due = _write_runs(asked, Writer(period, target_ids, findings, cases), findings, book)
    occurrences = _write_occurrences(due, by_due, book)
    found = findings.write()
    calendar.turn_to_the_future()
    read = probes.write(period, made)
    cases.outages(read.outages)
    cases.finish()
    book.add(probes.write_windows(period, desk.roles))
    platform.write(period, desk.roles)
    opened = Tickets(desk, tickets, cases.every, book).write()
    analyze(Run, RunStep, LogLine, Occurrence, FindingSighting, AuditEntry, TicketWords, Reading, Span, *sheets.TABLES)
    return Made(len(asked), occurrences, found, opened, read.readings)


def _refuse_unless_empty() -> None:
    there = mark.read()
    if there is not None:
        raise DemoRefused(
            f"This database holds demo data already ({there.days} days, seed {there.seed}); nothing was added."
        )
    if Run.objects.exists() or Occurrence.objects.exists() or Finding.objects.exists() or Ticket.objects.exists():
        raise DemoRefused(
            "This database holds real runs, due times or tickets, and generated ones could never be told from them "
            "again. Generate into an empty database: choose another DATABASE_URL, or another data folder with "
            "ZBMAINT_DATA."
        )
    why_not = people.why_not() or targets.why_not() or probes.why_not() or platform.why_not() or Desk.why_not()
    if why_not:
        raise DemoRefused(f"{why_not} Nothing was generated.")


def _write_runs(asked: list[Asked], writer: Writer, findings: Findings, book: Book) -> dict[int, int]:
    """Write the runs in the order of their time. Returns the run of each due time, by the identity of the latter."""
    first = take_ids(Run, len(asked))
    by_due = {}
    for start in range(0, len(asked), RUNS_A_BATCH):
        batch = Batch()
        for number, each in enumerate(asked[start : start + RUNS_A_BATCH], start=first + start):
            writer.add(batch, number, each)
            if each.due is not None:
                by_due[id(each.due)] = number
        batch.write()
        findings.write_sightings()
        book.add(batch.deeds)
        if book.is_full:
            copy_sheet(book.take())
    return by_due


def _write_occurrences(due: list[Due], runs: dict[int, int], book: Book) -> int:
    first = take_ids(Occurrence, len(due))
    book.add(_settled(number, each, runs) for number, each in enumerate(due, start=first))
    rows = (_occurrence(number, each, runs) for number, each in enumerate(due, start=first))
    return copy_rows(Occurrence, OCCURRENCE_FIELDS, rows)


def _settled(number: int, due: Due, runs: dict[int, int]) -> Deed:
    label = f"{due.task}, {due.due_at:%d %b %Y, %H:%M} UTC"
    facts = {"reason": due.reason, "run": runs.get(id(due))}
    return Deed(due.decided_at, due.skipped_by, f"occurrence_{due.state}", "occurrence", number, label, facts)


def _occurrence(number: int, due: Due, runs: dict[int, int]) -> Row:
    task = due.task
    return (
        *(number, task.schedule_id, due.version, task.pk, task.position, task.task, due.due_at),
        *(due.due_at + dt.timedelta(minutes=task.lateness_minutes), due.planned_at, task.catch_up),
        *(task.schedule.overlap, str(due.state), due.reason, due.decided_at, runs.get(id(due))),
        due.skipped_by.pk if due.skipped_by else None,
    )
