"""Purging what maintenance keeps: runs with all they hold, and findings resolved long ago."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from maintenance.models import Finding, Run

BATCH = 500


def purge(now: dt.datetime) -> int:
    """Delete finished runs older than RUN_RETENTION_DAYS and resolved findings older than FINDING_RETENTION_DAYS.

    In batches, each its own transaction, so that nothing waits long for it. Returns how many runs and findings.
    """
    runs = Run.objects.finished().filter(finished_at__lt=now - dt.timedelta(days=settings.RUN_RETENTION_DAYS))
    resolved_before = now - dt.timedelta(days=settings.FINDING_RETENTION_DAYS)
    findings = Finding.objects.filter(state=Finding.State.RESOLVED, resolved_at__lt=resolved_before)
    return _in_batches(runs) + _in_batches(findings)


def _in_batches(rows: models.QuerySet[Run] | models.QuerySet[Finding]) -> int:
    count = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=batch).delete()
        count += len(batch)
    return count
