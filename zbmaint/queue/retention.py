"""Purging what the queue keeps: records of carried messages, failures included, and rows of processes long dead."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django_q.models import Task

from zbmaint.queue.models import Process


def purge(now: dt.datetime) -> int:
    """Delete records older than QUEUE_RETENTION_DAYS; returns how many. Runs keep the story that people read."""
    before = now - dt.timedelta(days=settings.QUEUE_RETENTION_DAYS)
    carried: int = Task.objects.filter(stopped__lt=before).delete()[0]
    processes, _ = Process.objects.filter(seen_at__lt=before).delete()
    return carried + processes
