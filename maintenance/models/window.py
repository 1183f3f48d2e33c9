"""MaintenanceWindow: that services are worked on, so that their being down is meant."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from maintenance.models.probe import Probe


class WindowState(models.TextChoices):
    """How it is with a window."""

    ASKED = "asked", "Not approved"
    AHEAD = "ahead", "Approved"
    HOLDS = "holds", "Goes on"
    OVER = "over", "Over"
    WITHDRAWN = "withdrawn", "Withdrawn"


class MaintenanceWindowQuerySet(models.QuerySet["MaintenanceWindow"]):
    """Finds windows."""

    def approved(self) -> MaintenanceWindowQuerySet:
        """Those that count."""
        return self.filter(approved_at__isnull=False, withdrawn_at__isnull=True)

    def within(self, begins: dt.datetime, ends: dt.datetime) -> MaintenanceWindowQuerySet:
        """Those that lie between two moments at least in part."""
        return self.filter(begins_at__lt=ends, ends_at__gt=begins)


class MaintenanceWindow(models.Model):
    """From `begins_at` until `ends_at` the named services may be down. It counts once somebody has approved it.

    Down time that began before the approval is taken out of the uptime all the same, and is listed as erased.
    """

    services = models.ManyToManyField(Probe, related_name="windows")
    begins_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    reason = models.CharField(max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="windows_requested"
    )
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="windows_approved"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="windows_withdrawn"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = MaintenanceWindowQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_at", "-id"]
        permissions = [("approve_maintenancewindow", "May approve a maintenance window")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="window_has_a_length"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="window_by_end")]

    def __str__(self) -> str:
        return self.reason

    def state_at(self, now: dt.datetime) -> WindowState:
        """What is to be shown of it at `now`."""
        if self.withdrawn_at is not None:
            return WindowState.WITHDRAWN
        if self.approved_at is None:
            return WindowState.ASKED
        if now >= self.ends_at:
            return WindowState.OVER
        return WindowState.HOLDS if now >= self.begins_at else WindowState.AHEAD

    @property
    def length(self) -> dt.timedelta:
        """From beginning to end."""
        return self.ends_at - self.begins_at
