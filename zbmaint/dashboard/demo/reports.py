"""The weekly reports of the generated time, frozen by its runs of the weekly report. Days must be rolled up before."""

from __future__ import annotations

import datetime as dt
import json

from maintenance import alerts
from maintenance.kpis import week
from maintenance.kpis.period import Period as Days
from maintenance.models import Run, WeeklyReport
from maintenance.rules import run_states, sealing, weeks
from maintenance.tasks.weekly_report import verdict, weekly_report
from zbmaint.dashboard.demo.audit import Book, Deed
from zbmaint.dashboard.demo.copying import copy_sheet
from zbmaint.rollup import days


def write() -> int:
    """Freeze what each of these runs would have frozen, as the task does it; nobody was sent it. Returns how many
    reports there are."""
    first, book = week.first_day(), Book()
    frozen: set[dt.date] = set()
    runs = Run.objects.filter(task=weekly_report.key, state=run_states.SUCCEEDED, dry_run=False)
    for run in runs.order_by("finished_at"):
        if run.finished_at is None:
            continue
        mondays, left = weeks.owed(first, days.day_of(run.finished_at), frozen)
        made = [_freeze(monday, run, run.finished_at, book) for monday in mondays]
        frozen |= set(mondays)
        told = {"weeks": [{"week": report.week, "digest": report.digest} for report in made], "left_unfrozen": left}
        Run.objects.filter(pk=run.pk).update(verdict=verdict(made, left), report={**told, "findings": []})
    copy_sheet(book.take())
    return len(frozen)


def _freeze(monday: dt.date, run: Run, at: dt.datetime, book: Book) -> WeeklyReport:
    period = Days(monday, monday + weeks.A_WEEK - days.A_DAY)
    content = json.loads(sealing.canonical(week.content(period, alerts)))
    report = WeeklyReport.objects.create(
        week=weeks.name_of(monday),
        starts=monday,
        frozen_at=at,
        content=content,
        digest=sealing.digest(content),
        run=run,
    )
    facts = {"week": report.week, "digest": report.digest, "run": run.pk}
    book.add([Deed(at, None, "weekly_report_frozen", "weeklyreport", report.pk, str(report), facts)])
    return report


def says(due_at: dt.datetime) -> str:
    """The verdict of a run that was due then and had one week to freeze."""
    return f"{weeks.said(weeks.name_of(due_at.date() - weeks.A_WEEK))} is frozen."
