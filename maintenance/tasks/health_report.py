"""`health_report`: how every part of the platform is, kept, compared with the report before, sent to monitoring."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from maintenance.actions import app_metrics, health_reports
from maintenance.kpis import platform
from maintenance.kpis.platform import Platform
from maintenance.rules.probe_states import UP
from maintenance.task import Context, Level, Outcome, StepState, Task, TaskFailed

LOOK: Final = ("look", "Look at every part of the platform")
KEEP: Final = ("keep", "Keep the report and send it to monitoring")


def run(context: Context) -> Outcome:
    """Look at everything and keep what was seen. Report: `health_report` (its number), `overall`, `changes`.

    The verdict is a warning while the platform is not up: the report itself was made all the same.
    """
    now = timezone.now()
    with context.step(*LOOK) as step:
        if not context.dry_run:
            app_metrics.keep_own(now)
        seen = platform.look_now(now)
        step.finish(_step_state(seen), f"{seen.overall.state}: {seen.overall.says}")
    for part in seen.parts:
        context.fact(part.key, part.title, part.whole.state, note=part.whole.says)
        level: Level = "info" if part.whole.state == UP else "warn"
        context.log(f"{part.title}: {part.whole.state}. {part.whole.says}", level)
    context.report(timestamp=now.isoformat(timespec="seconds"), overall=seen.overall.state)
    changes = _keep(context, now, seen)
    context.overall(100)
    says = f"The platform is {seen.overall.state}. {seen.overall.says}"
    if changes:
        says += f" Since the report before: {'; '.join(changes)}."
    return Outcome("succeeded" if seen.overall.state == UP else "warning", says)


def _step_state(seen: Platform) -> StepState:
    return "passed" if seen.overall.state == UP else "warning"


def _keep(context: Context, now: dt.datetime, seen: Platform) -> list[str]:
    if context.dry_run:
        context.skip(KEEP[0], "A dry run keeps nothing and sends nothing.")
        return []
    with context.step(*KEEP):
        try:
            report = health_reports.keep(context.run_id, now, seen.content)
        except health_reports.ReportNotKept as problem:
            raise TaskFailed(str(problem)) from None
    context.report(health_report=report.pk, changes=report.changes)
    return list(report.changes)


health_report = Task(
    key="health_report",
    title="Health report",
    description="Application, database, cache, external services, performance, queue, scheduler and disk, as they are.",
    category="preventive",
    cadence="daily, 02:00 UTC, and on demand",
    needs="",
    run=run,
    timeout=dt.timedelta(minutes=5),
    changes_things=False,
    steps=(LOOK, KEEP),
)
