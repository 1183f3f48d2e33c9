"""WeeklyReport: one week, frozen."""

from __future__ import annotations

import datetime as dt

from django.db import models

from maintenance.models.run import Run


class WeeklyReport(models.Model):
    """The figures of an ISO week (`week` such as 2026-W14, beginning on `starts`), as they were when it was frozen.

    `content` is never changed; `digest` is the SHA-256 of its canonical JSON (keys in order, no blanks), in hex.
    """

    week = models.CharField(max_length=8, unique=True)
    starts = models.DateField(unique=True)
    frozen_at = models.DateTimeField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="weekly_reports")

    class Meta:
        ordering = ["-starts"]

    def __str__(self) -> str:
        return f"Week {self.starts.isocalendar().week}, {self.starts.isocalendar().year}"

    @property
    def ends(self) -> dt.date:
        """Its Sunday."""
        return self.starts + dt.timedelta(days=6)
