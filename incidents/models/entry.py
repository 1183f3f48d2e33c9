"""Entry: one line of a ticket's timeline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from incidents.models.ticket import Ticket


class Entry(models.Model):
    """What happened to a ticket, or was said about it. `actor` null means the product or a source.

    `text` is for people; `data` holds the same as JSON, such as the time that an alert gave.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        OPENED = "opened", "Opened"
        REPEATED = "repeated", "Came again"
        SEVERITY = "severity", "Severity changed"
        CLEARED = "cleared", "Source is clear"
        STATUS = "status", "Status changed"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ticket_entries"
    )
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["ticket", "at", "id"], name="entry_by_ticket")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
