"""VendorEscalation: a ticket that the last tier has taken outside."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from incidents.models.ticket import Ticket


class VendorEscalation(models.Model):
    """Who outside works on it, under which reference, and who of lead and management has seen that.

    The ticket stays in the last tier, and its clocks run unless they are paused as well.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="vendor_escalations")
    criterion = models.CharField(max_length=200)
    reason = models.TextField()
    vendor = models.CharField(max_length=120)
    reference = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="seen_vendor_escalations", blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="vendor_escalation_by_time")]

    def __str__(self) -> str:
        return f"{self.ticket} with {self.vendor}"
