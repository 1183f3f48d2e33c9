"""Ticket: one thing that is wrong, from its opening to its end."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from incidents.rules import keys, ticket_states

NUMBERS = "incidents_ticket_number"  # the sequence; made by the first migration


class Severity(models.TextChoices):
    """How bad it is."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Status(models.TextChoices):
    """Where a ticket is in its life."""

    OPEN = ticket_states.OPEN, "Open"
    IN_PROGRESS = ticket_states.IN_PROGRESS, "In progress"
    RESOLVED = ticket_states.RESOLVED, "Resolved"
    CLOSED = ticket_states.CLOSED, "Closed"


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Finds tickets."""

    def unfinished(self) -> TicketQuerySet:
        """Those that are neither resolved nor closed."""
        return self.filter(status__in=ticket_states.UNFINISHED)


class Ticket(models.Model):
    """What people answer. Only `incidents.actions` changes it.

    `number` is what people say ("ticket 12"); numbers may have gaps and are never used twice. `key` and `source` say
    which alerts belong to it; an empty key, of a ticket that no source keeps, meets no other. That its source is
    `clear` again is a flag and no status: who works on it decides when it ends. `occurrences` counts the firing alerts,
    `version` the changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(
        unique=True,
        editable=False,
        db_default=models.Func(models.Value(NUMBERS), function="nextval", output_field=models.BigIntegerField()),
    )
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MEDIUM)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    source = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=keys.LONGEST, blank=True)
    reporter = models.CharField(max_length=150)
    tags = models.JSONField(default=list, blank=True)
    clear = models.BooleanField(default=False)
    cleared_at = models.DateTimeField(null=True, blank=True)
    occurrences = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField("last alert", default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)) & ~models.Q(key=""),
                name="one_open_ticket_a_key",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(ticket_states.FINISHED), resolved_at__isnull=False)
                | models.Q(status__in=sorted(ticket_states.UNFINISHED), resolved_at__isnull=True),
                name="resolved_at_when_finished",
            ),
        ]
        indexes = [models.Index(fields=["status", "-number"], name="ticket_by_status")]

    def __str__(self) -> str:
        return f"Ticket #{self.number}"

    @property
    def is_unfinished(self) -> bool:
        """Neither resolved nor closed."""
        return self.status in ticket_states.UNFINISHED
