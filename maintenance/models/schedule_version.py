"""ScheduleVersion: what a schedule said from when on."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from maintenance.models.schedule import Schedule


class ScheduleVersion(models.Model):
    """One version of a schedule, unchangeable: an occurrence belongs to the version that was in force when it was due.

    `content` holds cron, time_zone, overlap, window and tasks as they were.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    in_force_from = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="schedule_versions"
    )

    class Meta:
        ordering = ["schedule", "-number"]
        constraints = [models.UniqueConstraint(fields=["schedule", "number"], name="one_schedule_version_a_number")]

    def __str__(self) -> str:
        return f"{self.schedule}, version {self.number}"
