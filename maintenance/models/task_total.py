"""TaskTotal: what became of all runs of a task that were ever rolled up."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TaskTotal(models.Model):
    """The days of a task added up; it goes on counting when old runs and old days are deleted.

    `maintenance.kpis.task_totals` keeps it with every roll. `milliseconds` is how long the runs took that did their
    work, and `buckets` how many of them took how long: at most as long as each of its BUCKETS, and longer.
    """

    task = models.CharField(max_length=60, primary_key=True)
    succeeded = models.PositiveBigIntegerField(default=0)
    warning = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    timed_out = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)
    cancelled = models.PositiveBigIntegerField(default=0)
    skipped = models.PositiveBigIntegerField(default=0)
    not_configured = models.PositiveBigIntegerField(default=0)
    missed = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    buckets = ArrayField(models.PositiveBigIntegerField(), default=list)

    class Meta:
        ordering = ["task"]

    def __str__(self) -> str:
        return self.task
