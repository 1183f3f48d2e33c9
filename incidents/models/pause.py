"""Pause: a time in which the clocks of a ticket stand still."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from incidents.models.stint import Stint
from incidents.models.ticket import Ticket


class Pause(models.Model):
    """Why and until when the clocks stand still; they go on by themselves at `until`, or before by a person."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="pauses")
    stint = models.ForeignKey(Stint, on_delete=models.CASCADE, related_name="pauses")
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["begun_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ended_at__isnull=True), name="one_pause_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket} until {self.until:%Y-%m-%d %H:%M}"
