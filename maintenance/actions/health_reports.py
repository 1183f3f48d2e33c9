"""Health reports are kept and asked for here, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from maintenance import notices
from maintenance.actions import runs
from maintenance.models import HealthReport, Origin, Run
from maintenance.rules import health, run_states
from maintenance.task import Task
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.queue.locks import transaction_lock

LOCK = "health-report"


class ReportNotKept(Exception):
    """The run that would keep a report is not at work any more."""


@transaction.atomic
def keep(run_id: int, at: dt.datetime, content: Mapping[str, Any]) -> HealthReport:
    """Keep what run `run_id` saw at `at`, say what differs from the report before, and post it to the webhook.

    A run has one report: the first that it kept is returned to whoever asks again, such as its second attempt. Raises
    ReportNotKept when the run is not at work: it was lost, and another one may have reported since.
    """
    # One at a time, so that each is compared with the one before it.
    transaction_lock(LOCK)
    run = Run.objects.select_for_update().filter(pk=run_id, state=run_states.RUNNING).first()
    if run is None:
        raise ReportNotKept(f"Run {run_id} is not at work any more.")
    kept = HealthReport.objects.filter(run=run).first()
    if kept is not None:
        return kept
    before = HealthReport.objects.filter(at__lte=at).first()
    report = HealthReport.objects.create(
        at=at,
        overall=content["overall"],
        content=dict(content),
        changes=health.changes(before.content if before else None, content),
        run=run,
        asked_by=run.requested_by,
    )
    record("health_report_kept", report, run.requested_by, after={"overall": report.overall, "changes": report.changes})
    notices.health_reported(report)
    notices.tell_of_health(report)
    return report


@transaction.atomic
def ask(task: Task, *, actor: Person) -> tuple[Run, bool]:
    """The run of `task` that was asked for now, and True; or the one that is active already, and False.

    Raises RunRefused as `runs.request` does.
    """
    transaction_lock(f"run-now:{task.key}:None")
    active = Run.objects.active().filter(task=task.key, dry_run=False).order_by("id").first()
    if active is not None:
        return active, False
    return runs.request(task, None, actor=actor, origin=Origin.PERSON), True
