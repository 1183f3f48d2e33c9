"""Run: one execution of a task."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from maintenance.models.target import Target
from maintenance.rules import run_states


class Origin(models.TextChoices):
    """What asked for a run."""

    PERSON = "person", "by hand"
    COMMAND = "command", "from the command line"
    SCHEDULE = "schedule", "by schedule"


class RunQuerySet(models.QuerySet["Run"]):
    """Finds runs."""

    def active(self) -> RunQuerySet:
        """Runs that are queued or running."""
        return self.filter(state__in=run_states.ACTIVE)

    def finished(self) -> RunQuerySet:
        """Runs in a final state."""
        return self.filter(state__in=run_states.FINAL)

    def before(self, run: Run) -> RunQuerySet:
        """Earlier runs of the same task on the same target that did work and left a report, latest first."""
        same = self.finished().filter(task=run.task, target=run.target, dry_run=False, pk__lt=run.pk)
        return same.exclude(report={}).order_by("-pk")

    def previous_report(self, run: Run) -> dict[str, Any]:
        """The report of the latest of these; empty when there is none."""
        return self.before(run).values_list("report", flat=True).first() or {}


class Run(models.Model):
    """One execution of `task` on `target`. Only `maintenance.actions.runs` changes it.

    `token` fences: a worker may write only while the row still holds the token that it was given.
    `verdict` is one sentence for people; `error` names what went wrong. Both never hold a secret. `snapshot` is what
    stood around a run that failed, timed out or was lost, taken at that moment; empty otherwise.
    """

    task = models.CharField(max_length=60)
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    parameters = models.JSONField(default=dict, blank=True)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default=run_states.QUEUED, choices=list(run_states.MEANING.items()))
    origin = models.CharField(max_length=12, choices=Origin)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="runs_requested"
    )
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    worker = models.CharField(max_length=120, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    timeout_seconds = models.PositiveIntegerField()
    lock_groups = models.JSONField(default=list, blank=True)
    retries = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=1)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="runs_cancelled"
    )
    progress = models.PositiveSmallIntegerField(default=0)
    verdict = models.TextField(blank=True)
    error = models.TextField(blank=True)
    facts = models.JSONField(default=list, blank=True)
    report = models.JSONField(default=dict, blank=True)
    snapshot = models.JSONField(default=dict, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("start_run", "May start a run"), ("cancel_run", "May cancel a run")]
        indexes = [
            models.Index(fields=["task", "-id"], name="run_by_task"),
            models.Index(fields=["target", "-id"], name="run_by_target"),
            models.Index(fields=["state", "-id"], name="run_by_state"),
            models.Index(fields=["finished_at"], condition=models.Q(finished_at__isnull=False), name="run_by_end"),
            models.Index(
                fields=["task", "state", "-finished_at"],
                condition=models.Q(dry_run=False, finished_at__isnull=False),
                name="run_last_by_task",
            ),
            models.Index(
                fields=["heartbeat_at"], condition=models.Q(state="running"), name="run_heartbeat_while_running"
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    def get_absolute_url(self) -> str:
        """The run's page."""
        return reverse("run", args=[self.pk])

    @property
    def is_active(self) -> bool:
        """Queued or running."""
        return self.state in run_states.ACTIVE

    @property
    def duration(self) -> dt.timedelta | None:
        """Time at work so far, or in all; None before the start, and when it is unknown as a clock went back."""
        if self.started_at is None:
            return None
        took = (self.finished_at or timezone.now()) - self.started_at
        return took if took >= dt.timedelta(0) else None

    @property
    def clock_went_back(self) -> bool:
        """Whether it has ended before it started, by the clock: how long it took is unknown."""
        return self.started_at is not None and self.finished_at is not None and self.finished_at < self.started_at
