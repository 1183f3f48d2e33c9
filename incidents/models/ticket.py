"""Ticket: one thing that is wrong, from its opening to its end."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from incidents.models.category import Category
from incidents.models.severity import Severity
from incidents.models.tier import Tier
from incidents.rules import keys, recurrence, severities, texts, ticket_states

NUMBERS = "incidents_ticket_number"  # the sequence; made by the first migration
PREFIX = "INC-"
# Where tickets without a moment stand in the queue's order: after all others, the paused ones last.
ANSWERED = dt.datetime(9998, 1, 1, tzinfo=dt.UTC)
PAUSED = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Status(models.TextChoices):
    """Where a ticket is in its life."""

    OPEN = ticket_states.OPEN, "Open"
    IN_PROGRESS = ticket_states.IN_PROGRESS, "In progress"
    RESOLVED = ticket_states.RESOLVED, "Resolved"
    CLOSED = ticket_states.CLOSED, "Closed"


class ResolutionCode(models.TextChoices):
    """How a ticket ended."""

    FIXED = "fixed", "Fixed"
    WORKAROUND = "workaround", "Workaround in place"
    ANSWERED = "answered", "Question answered"
    BY_ITSELF = "by_itself", "Went away by itself"
    DUPLICATE = "duplicate", "Duplicate of another ticket"
    NOT_REPRODUCED = "not_reproduced", "Could not be reproduced"
    NO_FAULT = "no_fault", "No fault, noise"


class DueClock(models.TextChoices):
    """Which target comes next."""

    RESPONSE = "response", "First response"
    RESOLUTION = "resolution", "Resolution"


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Finds tickets."""

    def unfinished(self) -> TicketQuerySet:
        """Those that are neither resolved nor closed."""
        return self.filter(status__in=ticket_states.UNFINISHED)

    def in_queue_order(self) -> TicketQuerySet:
        """By what is due next; then the worse one, then the older one."""
        return self.order_by("order_at", "severity_rank", "number")


class Ticket(models.Model):
    """What people answer. Only `incidents.actions` changes it.

    `number` is what people say ("INC-12"); numbers may have gaps and are never used twice. `key` and `source` say
    which alerts belong to it; an empty key, of a ticket that no source keeps, meets no other. That its source is
    `clear` again is a flag and no status: who works on it decides when it ends. `occurrences` counts the firing alerts,
    `version` the changes. An assignee without `accepted_at` was chosen by a rule and has not acted yet.

    `due_at` is the moment at which the next target is missed, of the clock `due_clock`; null while no clock runs, that
    is, when the tier has responded and there is no other target, and while the ticket is paused. `at_risk_at` is when
    80 % of it are used, `next_clock_at` when the ticker has to record something. All follow from the present stint.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(
        unique=True,
        editable=False,
        db_default=models.Func(models.Value(NUMBERS), function="nextval", output_field=models.BigIntegerField()),
    )
    title = models.CharField(max_length=texts.LONGEST_TITLE)
    description = models.TextField(blank=True)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MEDIUM)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    # Both have indexes below that begin with them.
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tickets",
        db_index=False,
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    source = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=keys.LONGEST, blank=True)
    kind = models.CharField(max_length=recurrence.LONGEST, blank=True, editable=False)
    reporter = models.CharField(max_length=150)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="reported_tickets"
    )
    tags = models.JSONField(default=list, blank=True)
    clear = models.BooleanField(default=False)
    cleared_at = models.DateTimeField(null=True, blank=True)
    occurrences = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField("last alert", default=timezone.now)
    first_response_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_clock = models.CharField(max_length=10, choices=DueClock, blank=True)
    at_risk_at = models.DateTimeField(null=True, blank=True)
    next_clock_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution_code = models.CharField(max_length=20, choices=ResolutionCode, blank=True)
    resolution_note = models.TextField(blank=True)
    resolution_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    resolution_business_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    resolution_net_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField("times reopened", default=0)
    version = models.PositiveIntegerField(default=1)
    severity_rank = models.GeneratedField(
        expression=models.Case(
            *(models.When(severity=name, then=rank) for rank, name in enumerate(severities.WORST_FIRST)), default=9
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    order_at = models.GeneratedField(
        expression=models.Case(
            models.When(paused_until__isnull=False, then=models.Value(PAUSED)),
            default=Coalesce("due_at", models.Value(ANSWERED)),
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

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
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(assignee__isnull=False),
                name="accepted_by_somebody",
            ),
        ]
        indexes = [
            # Of unfinished ones too it would be taken for something that makes the others more exact.
            models.Index(
                fields=["status", "-number"],
                condition=models.Q(status__in=sorted(ticket_states.FINISHED)),
                name="ticket_by_status",
            ),
            models.Index(
                fields=["tier", "order_at", "severity_rank", "number"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)),
                name="ticket_queue",
            ),
            models.Index(
                fields=["assignee", "order_at", "severity_rank", "number"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)),
                name="ticket_by_assignee",
            ),
            models.Index(
                fields=["order_at", "severity_rank", "number"],
                include=["id", "severity", "status"],  # by which lists are filtered: they are counted in the index
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)),
                name="ticket_order",
            ),
            models.Index(
                fields=["category", "order_at", "severity_rank", "number"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)),
                name="ticket_by_category",
            ),
            # The index of assignees is not in this order for nobody: the planner takes null for no value.
            models.Index(
                fields=["order_at", "severity_rank", "number"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED), assignee__isnull=True),
                name="ticket_unassigned",
            ),
            models.Index(
                fields=["at_risk_at", "order_at"],
                condition=models.Q(status__in=sorted(ticket_states.UNFINISHED)),
                name="ticket_at_risk",
            ),
            models.Index(
                fields=["next_clock_at"], condition=models.Q(next_clock_at__isnull=False), name="ticket_by_clock"
            ),
            models.Index(
                fields=["paused_until"], condition=models.Q(paused_until__isnull=False), name="ticket_by_pause"
            ),
            models.Index(fields=["resolved_at"], condition=models.Q(status="resolved"), name="ticket_to_close"),
            # For the figures of a day; they cost nothing when a ticket is opened.
            models.Index(
                fields=["resolved_at"], condition=models.Q(resolved_at__isnull=False), name="ticket_by_resolution"
            ),
            models.Index(
                fields=["first_response_at"],
                condition=models.Q(first_response_at__isnull=False),
                name="ticket_by_response",
            ),
            models.Index(fields=["kind", "-created_at"], include=["number"], name="ticket_by_kind"),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], name="ticket_tags"),
            models.Index(fields=["assignee", "-created_at"], name="ticket_newest_of_assignee"),
        ]

    def __str__(self) -> str:
        return f"{PREFIX}{self.number}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("ticket", args=[self.number])

    @property
    def is_unfinished(self) -> bool:
        """Neither resolved nor closed."""
        return self.status in ticket_states.UNFINISHED
