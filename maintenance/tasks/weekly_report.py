"""`weekly_report`: freezes the week that is over, and those before it that no run has frozen, and sends the latest."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused
from maintenance.kpis.period import Period
from maintenance.models import WeeklyReport
from maintenance.rules.amounts import count
from maintenance.rules.weeks import name_of, said
from maintenance.task import Context, Outcome, Task, TaskFailed

ROLL, FREEZE = "roll", "freeze"


def run(context: Context) -> Outcome:
    """Put the days together, then freeze week by week, the earliest first. What is frozen stays when it is stopped."""
    now = timezone.now()
    with context.step(ROLL) as step:
        if context.dry_run:
            step.finish("skipped", "a dry run changes nothing")
        else:
            _bring_up_to_date(now)
    owed, left = weekly_reports.owed(now)
    with context.step(FREEZE) as step:
        if context.dry_run:
            step.finish("skipped", f"would freeze {_named(owed)}")
            return Outcome("succeeded", f"A dry run: nothing was frozen. It would freeze {_named(owed)}.")
        frozen = _freeze(context, owed, now)
        step.finish("passed", f"{count(len(frozen), 'week')} frozen")
    context.report(
        weeks=[{"week": report.week, "digest": report.digest} for report in frozen],
        left_unfrozen=left,
    )
    return Outcome("warning" if left else "succeeded", verdict(frozen, left))


def _bring_up_to_date(now: dt.datetime) -> None:
    try:
        weekly_reports.bring_up_to_date(now)
    except ReportRefused as refused:
        raise TaskFailed(str(refused)) from refused


def _freeze(context: Context, owed: list[Period], now: dt.datetime) -> list[WeeklyReport]:
    frozen = []
    for place, period in enumerate(owed, start=1):
        context.check()
        try:
            report = weekly_reports.freeze(period, now, run=context.run_id)
        except ReportRefused as refused:
            raise TaskFailed(str(refused)) from refused
        context.log(f"{said(report.week)} is frozen: SHA-256 {report.digest}")
        context.overall(100 * place // len(owed))
        frozen.append(report)
    return frozen


def verdict(frozen: list[WeeklyReport], left: int) -> str:
    """What was done, in a sentence or two."""
    if not frozen:
        return "Every week that is over is frozen already."
    text = f"{said(frozen[-1].week)} is frozen."
    if len(frozen) > 1:
        earlier = ", ".join(report.week for report in frozen[:-1])
        text = f"{text} So are {count(len(frozen) - 1, 'earlier week')} that no run had frozen: {earlier}."
    if left:
        older = count(left, "older week is", "older weeks are")
        text = f"{text} {older} left: freeze what you need with `manage.py weekly_report --week`."
    return text


def _named(owed: list[Period]) -> str:
    return ", ".join(name_of(period.first) for period in owed) or "nothing, for every week that is over is frozen"


weekly_report = Task(
    key="weekly_report",
    title="Weekly report",
    description="Freezes the figures of the week that is over, with those of the week before, and sends them.",
    category="preventive",
    cadence="Mondays, 08:00 UTC",
    needs="",
    run=run,
    timeout=dt.timedelta(minutes=10),
    changes_things=False,
    lock_groups=("weekly_report",),
    steps=((ROLL, "Put the days together"), (FREEZE, "Freeze what is over")),
)
