"""Purging what maintenance keeps: log lines, runs with all they hold, occurrences, old findings, readings, outages,
days of KPIs, timelines, reports, numbers of applications."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, models

from maintenance.kpis import service_days
from maintenance.models import (
    AppMetric,
    Finding,
    FindingStretch,
    HealthReport,
    LogLine,
    MaintenanceWindow,
    Occurrence,
    Outage,
    Probe,
    Run,
    Span,
    WeeklyReport,
)
from maintenance.rules import run_states
from zbmaint.rollup import rolling

BATCH = 500
# Readings are small, and there are half a million a day of two hundred probes.
READINGS_A_BATCH = 10_000
_OLD_READINGS = """
DELETE FROM maintenance_reading WHERE (probe_id, at) IN (
    SELECT probe_id, at FROM maintenance_reading WHERE probe_id = %s AND at < %s ORDER BY at LIMIT %s
)
"""


def purge(now: dt.datetime) -> int:
    """Delete what is older than its retention setting, RUN_RETENTION_DAYS and those beside it.

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
    # A finding that is never resolved keeps its row, not all of its past.
    stretches = FindingStretch.objects.filter(ends__lt=before(settings.FINDING_RETENTION_DAYS))
    outages = Outage.objects.filter(ended_at__lt=before(settings.OUTAGE_RETENTION_DAYS))
    rows = (logs, runs, occurrences, findings, stretches, outages)
    rolled = sum(rolling.purge(kind, now) for kind in ("runs", "findings", service_days.KIND))
    return sum(_in_batches(each) for each in rows) + rolled + _purge_figures(before)


def _purge_figures(before: Callable[[int], dt.datetime]) -> int:
    """What days and reports are made of, and reports. A Timeline is one row a probe, and stays."""
    rows: tuple[models.QuerySet[Any], ...] = (
        Span.objects.filter(ends__lt=before(settings.SPAN_RETENTION_DAYS)),
        MaintenanceWindow.objects.filter(ends_at__lt=before(settings.WINDOW_RETENTION_DAYS)),
        AppMetric.objects.filter(at__lt=before(settings.APP_METRIC_RETENTION_DAYS)),
        HealthReport.objects.filter(at__lt=before(settings.HEALTH_REPORT_RETENTION_DAYS)),
        WeeklyReport.objects.filter(frozen_at__lt=before(settings.WEEKLY_REPORT_RETENTION_DAYS)),
    )
    return sum(_in_batches(each) for each in rows)


def purge_readings(now: dt.datetime) -> int:
    """Delete the readings that are older than READING_RETENTION_DAYS; returns how many.

    By probe and in batches, each its own transaction: the key of a reading finds the oldest of a probe.
    """
    before = now - dt.timedelta(days=settings.READING_RETENTION_DAYS)
    count = 0
    for probe in Probe.objects.order_by("pk").values_list("pk", flat=True):
        deleted = READINGS_A_BATCH
        while deleted >= READINGS_A_BATCH:
            with connection.cursor() as cursor:
                cursor.execute(_OLD_READINGS, [probe, before, READINGS_A_BATCH])
                deleted = cursor.rowcount
            count += deleted
    return count


def _in_batches(rows: models.QuerySet[Any]) -> int:
    count = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=batch).delete()
        count += len(batch)
    return count
