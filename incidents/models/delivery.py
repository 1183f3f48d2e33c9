"""Delivery: what a source has sent, as it came."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.models.source import Source


class State(models.TextChoices):
    """Where a delivery is."""

    RECEIVED = "received", "Waits to be read"
    PROCESSING = "processing", "Is being read"
    PROCESSED = "processed", "Read"
    FAILED = "failed", "Not understood"
    DISMISSED = "dismissed", "Let be"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Finds deliveries."""

    def abandoned(self, now: dt.datetime) -> DeliveryQuerySet:
        """Those whose worker died while it read them."""
        return self.filter(state=State.PROCESSING, lease_until__lt=now)

    def at_work(self, now: dt.datetime) -> DeliveryQuerySet:
        """Those that a worker took less than a lease ago: workers with many of them are busy, not stuck."""
        return self.filter(lease_until__gt=now)

    def failed(self) -> DeliveryQuerySet:
        """What stands in the catch-all: nothing could be made of it, and nobody has settled it yet."""
        return self.filter(state=State.FAILED)


class Delivery(models.Model):
    """`body` is stored before it is read, byte for byte. `refused` ones were answered with a 400.

    `token` names it in messages, and fences: only who holds it may claim the delivery or write what became of it.
    `lease_until` says until when the `worker` that took it last is believed to live, `enqueued_at` since when its
    present message lies in the queue, whose number there is `message`. `counts` says what was new in it, by the words
    of `incidents.rules.episodes`; `error` is for people.
    """

    # Without a constraint: it would lock the one row of the source for every delivery, and no source is ever deleted.
    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="deliveries", db_constraint=False, db_index=False
    )
    received_at = models.DateTimeField(default=timezone.now)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField()
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    refused = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    counts = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    enqueued_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.BigIntegerField(null=True, editable=False)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        default_permissions = ()
        indexes = [
            models.Index(fields=["source", "-id"], name="delivery_by_source"),
            models.Index(fields=["-id"], condition=Q(state="failed"), name="delivery_failed"),
            models.Index(
                fields=["enqueued_at"], condition=Q(state__in=("received", "processing")), name="delivery_waiting"
            ),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="delivery_by_lease"),
            BrinIndex(fields=["received_at"], name="delivery_by_age", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"
