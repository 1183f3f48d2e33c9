"""Outage: a stretch of time in which a probe was down, confirmed."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.urls import reverse

from maintenance.models.probe import Probe


class OutageQuerySet(models.QuerySet["Outage"]):
    """Finds outages."""

    def going_on(self) -> OutageQuerySet:
        """Those that have not ended."""
        return self.filter(ended_at__isnull=True)


class Outage(models.Model):
    """From the first failure (`started_at`) until the first success (`ended_at`, None while it goes on)."""

    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="outages")
    started_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)

    objects = OutageQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["probe"], condition=models.Q(ended_at__isnull=True), name="one_outage_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="outage_ends_after_it_started",
            ),
        ]
        indexes = [models.Index(fields=["-started_at"], name="outage_by_start")]

    def __str__(self) -> str:
        return f"{self.probe} down since {self.started_at:%Y-%m-%d %H:%M} UTC"

    def get_absolute_url(self) -> str:
        """The page of its service, which lists it."""
        return reverse("health_service", args=[self.probe_id])

    @property
    def length(self) -> dt.timedelta | None:
        """How long it lasted; None while it goes on."""
        return self.ended_at - self.started_at if self.ended_at else None
