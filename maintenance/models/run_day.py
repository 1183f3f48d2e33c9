"""RunDay: what became of runs and due times on one day, put together."""

from __future__ import annotations

from django.db import models


class RunDay(models.Model):
    """The runs that ended on a day, and the due times of that day; `maintenance.kpis` writes and explains it.

    By `category` and `task`: both empty is all, an empty task all of the category. A task belongs to the category that
    it had when the day was rolled, and keeps its key when it is renamed or retired. Every day has the row of all. Runs
    that only showed what they would do (dry runs) are counted apart and nowhere else. `durations` (start to end) and
    `waits` (asked for to start) are milliseconds of the runs that did their work, `lateness` of due times that
    started, all as `zbmaint.rollup.spread` packs them. A due time is `expected` unless it was held: by a freeze, by a
    pause or by a person who skipped it.
    """

    pk = models.CompositePrimaryKey("day", "category", "task")
    day = models.DateField()
    category = models.CharField(max_length=20, blank=True)
    task = models.CharField(max_length=60, blank=True)
    succeeded = models.PositiveIntegerField(default=0)
    warning = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    timed_out = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    not_configured = models.PositiveIntegerField(default=0)
    dry_runs = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    overran = models.PositiveIntegerField("ended after their window", default=0)
    overrun_seconds = models.PositiveBigIntegerField(default=0)
    durations = models.BinaryField(default=b"")
    waits = models.BinaryField(default=b"")
    expected = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    lateness = models.BinaryField(default=b"")

    class Meta:
        ordering = ["day", "category", "task"]

    def __str__(self) -> str:
        return f"{self.day}, {self.task or self.category or 'all'}"
