"""HealthReport: how the platform was at a moment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from maintenance.models.run import Run


class HealthReport(models.Model):
    """What was seen of every part (`content`: the JSON that is shown and sent), and how it is overall.

    `changes` says what differs from the report before: a list of sentences.
    """

    at = models.DateTimeField()
    overall = models.CharField(max_length=10)
    content = models.JSONField()
    changes = models.JSONField(default=list)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="health_reports")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="health_report_by_time")]
        constraints = [models.UniqueConstraint(fields=["run"], name="one_health_report_a_run")]

    def __str__(self) -> str:
        return f"Health report of {self.at:%Y-%m-%d %H:%M} UTC"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("health_report", args=[self.pk])
