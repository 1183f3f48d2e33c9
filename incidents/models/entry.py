"""Entry: one line of a ticket's timeline."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from incidents.models.ticket import Ticket

# In the data of an entry that changes the assignee: the number of the person who had the ticket before; null: nobody.
HAD: Final = "had"


class Entry(models.Model):
    """What happened to a ticket, or was said about it. `actor` null means the product or a source.

    `text` is for people (Markdown in a comment); `data` holds the same as JSON: `changed` has field: [before, after] of
    what a person may edit (people by their usernames of then, and beside them `HAD`), an alert's time, why somebody was
    assigned. `version` is the ticket's after this change.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        OPENED = "opened", "Opened"
        REPEATED = "repeated", "Came again"
        SEVERITY = "severity", "Severity changed"
        CLEARED = "cleared", "Source is clear"
        ALERTS = "alerts", "Alerts"
        STATUS = "status", "Status changed"
        ASSIGNED = "assigned", "Assigned"
        COMMENT = "comment", "Comment"
        EDITED = "edited", "Edited"
        ESCALATED = "escalated", "Escalated"
        HANDED_BACK = "handed_back", "Handed back"
        VENDOR = "vendor", "Escalated to a vendor"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"
        CLOCK = "clock", "Target"
        LINKED = "linked", "Linked"
        NOTIFIED = "notified", "Told"
        UNNOTIFIED = "unnotified", "Nobody told"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ticket_entries"
    )
    version = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["ticket", "at", "id"], name="entry_by_ticket")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
