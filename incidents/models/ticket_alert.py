"""TicketAlert: one alert inside a ticket; AlertGroup: the group that the ticket is."""

from __future__ import annotations

from django.db import models

from incidents.models.severity import Severity
from incidents.models.source import Source
from incidents.models.ticket import Ticket
from incidents.rules import episodes


class AlertGroup(models.Model):
    """What a source calls the group of a ticket (Alertmanager: its groupKey), and how many alerts it left out when it
    told of it last."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="alert_group", primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="groups")
    native_key = models.TextField()
    truncated = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.native_key


class TicketAlert(models.Model):
    """An alert of a ticket, by its fingerprint. `starts_at` to `ends_at` is its latest episode as its source says,
    `first_seen_at` to `last_seen_at` what came here. `resolved_at` is when it was told that it has ended.

    `times` counts how often it fired, `repeats` how often it was told again without news. `flags` are words about
    what is odd: a severity that nobody mapped, a clock that goes wrong.
    """

    class Status(models.TextChoices):
        """Whether something is wrong."""

        FIRING = episodes.FIRING, "Firing"
        RESOLVED = episodes.RESOLVED, "Resolved"

    # Both are the beginning of an index below.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status)
    severity = models.CharField(max_length=10, choices=Severity)
    labels = models.JSONField(default=dict)
    annotations = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    flags = models.JSONField(default=list)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["status", "name", "id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["ticket", "fingerprint"], name="one_row_an_alert")]
        indexes = [
            models.Index(fields=["source", "fingerprint", "-id"], name="alert_by_fingerprint"),
            models.Index(fields=["ticket", "status", "name", "id"], name="alert_by_ticket"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def known(self) -> episodes.Known:
        """It, as the rule about news knows it."""
        return episodes.Known(self.status, self.starts_at, self.last_seen_at, self.resolved_at)


class EarlyResolve(models.Model):
    """That an alert has ended which never came; kept for a while, in case its beginning is only late."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="early_resolves")
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    starts_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    matched = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "fingerprint"], name="one_early_resolve")]
        indexes = [models.Index(fields=["received_at"], name="early_resolve_by_age")]

    def __str__(self) -> str:
        return f"{self.name}, resolved before it fired"
