"""Probe: what is looked at again and again, to see whether it works."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models

from maintenance.models.finding import Severity
from maintenance.models.target import Target
from maintenance.rules import probe_states
from maintenance.rules.probe_states import Standing, Terms

SHORTEST_INTERVAL, LONGEST_INTERVAL = 5, 86_400


class Component(models.TextChoices):
    """The part of the platform that a probe tells of."""

    APPLICATION = "application", "Application"
    DATABASE = "database", "Database"
    CACHE = "cache", "Cache"
    QUEUE = "queue", "Queue"
    DISK = "disk", "Disk"
    EXTERNAL = "external", "External services"


class ProbeQuerySet(models.QuerySet["Probe"]):
    """Finds probes."""

    def active(self) -> ProbeQuerySet:
        """Those that are looked at: neither paused nor retired."""
        return self.filter(paused_at__isnull=True, retired_at__isnull=True)

    def with_windows(self, now: dt.datetime) -> ProbeQuerySet:
        """With `in_window`, so that `is_planned` and `state_at` at `now` ask no more."""
        return self.annotate(in_window=in_window(now))


def in_window(now: dt.datetime) -> models.Exists:
    """Whether an approved maintenance window of the probe holds at `now`; for queries of probes."""
    windows = Probe.windows.through.objects.filter(
        probe=models.OuterRef("pk"),
        maintenancewindow__approved_at__isnull=False,
        maintenancewindow__withdrawn_at__isnull=True,
        maintenancewindow__begins_at__lte=now,
        maintenancewindow__ends_at__gt=now,
    )
    return models.Exists(windows)


class Probe(models.Model):
    """One thing that is looked at every `interval_seconds`, by a kind of `maintenance.probes.catalog`.

    `parameters` are the kind's own; `target` is what it belongs to, and for some kinds holds the credentials. Only
    `maintenance.actions.probes` changes what people decide. The prober keeps the rest: `next_at` is the slot that is to
    be read next, and whoever moves it on reads it; `hung` says that the last look used up its time-out; where it stands
    follows from its readings (see `maintenance.rules.probe_states`).

    What it looks at is called a service where its uptime is shown. The system is up while all `critical` ones are.
    """

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.PROTECT, related_name="probes")
    parameters = models.JSONField(default=dict, blank=True)
    interval_seconds = models.PositiveIntegerField("interval", default=30)
    timeout_seconds = models.PositiveIntegerField("time-out", default=10)
    confirmations = models.PositiveSmallIntegerField(default=2)
    slow_ms = models.PositiveIntegerField("slow", null=True, blank=True)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.HIGH)
    component = models.CharField("part of the platform", max_length=12, choices=Component, default=Component.EXTERNAL)
    critical = models.BooleanField(default=False)
    slo_percent = models.DecimalField(
        "uptime aimed at, in %", max_digits=6, decimal_places=3, null=True, blank=True, default=Decimal("99.9")
    )
    planned_until = models.DateTimeField("planned work until", null=True, blank=True)
    planned_reason = models.CharField("planned work", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    next_at = models.DateTimeField()
    last_at = models.DateTimeField("last reading", null=True, blank=True)
    last_reason = models.CharField(max_length=200, blank=True)
    last_ms = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, default=probe_states.UNKNOWN)
    state_since = models.DateTimeField("since", null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)

    objects = ProbeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(interval_seconds__range=(SHORTEST_INTERVAL, LONGEST_INTERVAL)),
                name="probe_interval_is_possible",
                violation_error_message="The interval is from 5 seconds to a day.",
            ),
            models.CheckConstraint(
                condition=models.Q(timeout_seconds__gte=1, timeout_seconds__lt=models.F("interval_seconds")),
                name="probe_ends_before_its_next_slot",
                violation_error_message="The time-out must be at least 1 second and shorter than the interval.",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmations__range=(1, 20)),
                name="probe_confirmations_are_possible",
                violation_error_message="From 1 to 20 failures in a row confirm an outage.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        """What its readings are judged by."""
        return Terms(self.interval_seconds, self.timeout_seconds, self.confirmations)

    @property
    def standing(self) -> Standing:
        """Where it stands after its last reading."""
        return Standing(self.last_at, self.state, self.state_since, self.failures, self.failing_since)

    def is_planned(self, now: dt.datetime) -> bool:
        """Whether planned work goes on at `now`, or an approved window holds: an outage of it raises no alert.

        Asks the database, unless the probe was found `with_windows`.
        """
        if self.planned_until is not None and now < self.planned_until:
            return True
        known: bool | None = getattr(self, "in_window", None)
        return known if known is not None else Probe.objects.filter(in_window(now), pk=self.pk).exists()

    def state_at(self, now: dt.datetime) -> str:
        """The state to show at `now`: up, degraded, down, unknown, paused or maintenance."""
        paused = self.paused_at is not None or self.retired_at is not None
        return probe_states.shown(self.standing, self.terms, now, paused=paused, planned=self.is_planned(now))
