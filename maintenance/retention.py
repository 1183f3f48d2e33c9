"""Purging what maintenance keeps: log lines, runs with all they hold, occurrences, findings resolved long ago."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models

from maintenance.models import Finding, LogLine, Occurrence, Run
from maintenance.rules import run_states

BATCH = 500


def purge(now: dt.datetime) -> int:
    """Delete what is older than its retention setting: RUN_, LOG_, OCCURRENCE_ and FINDING_RETENTION_DAYS.

    In batches, each its own transaction, so that nothing waits long for it. What is active, due or open stays however
    old it is. Returns how many rows, not counting what goes with a run.
    """

    def before(days: int) -> dt.datetime:
        return now - dt.timedelta(days=days)

    logs = LogLine.objects.filter(
        run__state__in=run_states.FINAL, run__finished_at__lt=before(settings.LOG_RETENTION_DAYS)
    )
    runs = Run.objects.finished().filter(finished_at__lt=before(settings.RUN_RETENTION_DAYS))
    occurrences = Occurrence.objects.exclude(state=Occurrence.State.DUE).filter(
        due_at__lt=before(settings.OCCURRENCE_RETENTION_DAYS)
    )
    findings = Finding.objects.filter(
        state=Finding.State.RESOLVED, resolved_at__lt=before(settings.FINDING_RETENTION_DAYS)
    )
    return sum(_in_batches(rows) for rows in (logs, runs, occurrences, findings))


def _in_batches(rows: models.QuerySet[Any]) -> int:
    count = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=batch).delete()
        count += len(batch)
    return count
