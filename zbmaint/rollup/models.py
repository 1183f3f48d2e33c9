"""What has to be rolled up anew, and what has been."""

from __future__ import annotations

from django.db import models


class Stale(models.Model):
    """That something of `kind` happened or was corrected within the quarter of an hour from `at`.

    The database writes a row for what each statement changes (triggers, made by `zbmaint.rollup.triggers`), in the same
    transaction: rows are only added, so nobody waits for anybody, and nothing that is committed late is passed over.
    Rolling takes them out again.
    """

    kind = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="stale_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class Rolled(models.Model):
    """How far a kind is rolled up: every day to `until`, which is the day of the last roll, as it was at `at`.

    `edition` goes up whenever days were rolled or purged: what was read of an edition stays true while it stays. That
    of some days is in RolledDay; `purged` is the edition of the last purge. `zone` is the time zone of its days.
    """

    kind = models.CharField(max_length=20, primary_key=True)
    edition = models.PositiveBigIntegerField(default=0)
    until = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64, default="UTC")
    purged = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "rolled"

    def __str__(self) -> str:
        return f"{self.kind} to {self.until}"


class RolledDay(models.Model):
    """Which edition of its kind the rows of a day are of: the one in which they last became others than they were.

    Days are rolled again and again, mostly to the same rows; `digest` is of the rows (SHA-256), and only another one
    makes another edition.
    """

    pk = models.CompositePrimaryKey("kind", "day")
    kind = models.CharField(max_length=20)
    day = models.DateField()
    digest = models.CharField(max_length=64)
    edition = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "rolled day"

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"
