"""Purging what the queue keeps: records of carried messages, failures included, dead messages, dead processes."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django_q.models import OrmQ, Task

from zbmaint.queue.models import Process


def purge(now: dt.datetime) -> int:
    """Delete records older than QUEUE_RETENTION_DAYS; returns how many. Runs keep the story that people read."""
    before = now - dt.timedelta(days=settings.QUEUE_RETENTION_DAYS)
    carried: int = Task.objects.filter(stopped__lt=before).delete()[0]
    # Messages that nobody will ever acknowledge, such as those of a cluster that was killed for good.
    dead = [row.pk for row in OrmQ.objects.all() if _unreadable(row) or row.task["started"] < before]
    OrmQ.objects.filter(pk__in=dead).delete()
    processes, _ = Process.objects.filter(seen_at__lt=before).delete()
    return carried + processes + len(dead)


def _unreadable(row: OrmQ) -> bool:
    """A message signed with another key: it is dropped when delivered, and stays as long as it is not."""
    return "func" not in row.task
