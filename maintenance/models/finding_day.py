"""FindingDay: what became of findings on one day, put together."""

from __future__ import annotations

from django.db import models


class FindingDay(models.Model):
    """The findings of a day by severity ("": all). `open` and `accepted` are as they were when the day ended (today: at
    the last roll); `open_age_median` is in seconds."""

    pk = models.CompositePrimaryKey("day", "severity")
    day = models.DateField()
    severity = models.CharField(max_length=10, blank=True)
    found = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    open = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    open_age_median = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["day", "severity"]

    def __str__(self) -> str:
        return f"{self.day}, {self.severity or 'all'}"
