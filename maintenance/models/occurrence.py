"""Occurrence: one due time of one scheduled task, and what became of it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from maintenance.models.run import Run
from maintenance.models.schedule import CatchUp, Overlap, Schedule, ScheduledTask
from maintenance.models.schedule_version import ScheduleVersion


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """Finds occurrences."""

    def due(self) -> OccurrenceQuerySet:
        """Those that wait for their start."""
        return self.filter(state=Occurrence.State.DUE)


class Occurrence(models.Model):
    """A row for every due time, made by the planner (or before it, by a person who skips it). It is never remade.

    It holds what its version said, so that an edit of the schedule does not change what is due already.
    """

    class State(models.TextChoices):
        """What became of it."""

        DUE = "due", "due"
        STARTED = "started", "started"
        SKIPPED = "skipped", "skipped"
        MISSED = "missed", "missed"

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="occurrences")
    version = models.ForeignKey(ScheduleVersion, on_delete=models.PROTECT, related_name="occurrences")
    scheduled_task = models.ForeignKey(ScheduledTask, on_delete=models.PROTECT, related_name="occurrences")
    position = models.PositiveSmallIntegerField()
    task = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    start_by = models.DateTimeField()
    planned_at = models.DateTimeField()
    catch_up = models.CharField(max_length=8, choices=CatchUp)
    overlap = models.CharField(max_length=8, choices=Overlap)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it waits, was skipped or was missed.")
    decided_at = models.DateTimeField(null=True, blank=True)
    run = models.OneToOneField(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="occurrence")
    skipped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="occurrences_skipped"
    )

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "schedule", "position"]
        constraints = [
            models.UniqueConstraint(fields=["scheduled_task", "due_at"], name="one_occurrence_a_due_time"),
        ]
        indexes = [
            models.Index(fields=["due_at", "position"], condition=models.Q(state="due"), name="occurrence_waiting"),
            models.Index(fields=["schedule", "-due_at"], name="occurrence_by_schedule"),
            models.Index(fields=["-due_at"], name="occurrence_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.scheduled_task}, {self.due_at:%d %b %Y, %H:%M} UTC"

    @property
    def lateness(self) -> dt.timedelta | None:
        """How long after its time it started; None unless it did."""
        return self.decided_at - self.due_at if self.state == self.State.STARTED and self.decided_at else None
