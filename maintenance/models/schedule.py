"""Schedule: when which tasks are done, in order."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.urls import reverse

from maintenance.models.category import Category
from maintenance.models.target import Target


class Overlap(models.TextChoices):
    """What to do when the run before is still at work."""

    SKIP = "skip", "Skip this time"
    WAIT = "wait", "Wait until it has ended"


class CatchUp(models.TextChoices):
    """What to do about times that passed while nothing ran. All of them is not offered."""

    LATEST = "latest", "The latest missed time, once"
    NONE = "none", "None"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """Finds schedules."""

    def active(self) -> ScheduleQuerySet:
        """Schedules that are not retired."""
        return self.filter(retired_at__isnull=True)


class Schedule(models.Model):
    """Tasks that are due together: a cron in a time zone, an optional window, and ordered tasks.

    Only `maintenance.actions.schedules` changes it. `next_due_at` is the planner's cursor: everything before it has its
    row. `error` says why planning failed, when it did; such a schedule does not disturb the others.
    """

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="schedules")
    when = models.CharField(max_length=120, help_text="As it was typed: cron or words.")
    cron = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    overlap = models.CharField(max_length=8, choices=Overlap, default=Overlap.SKIP)
    window_from = models.TimeField("window from", null=True, blank=True)
    window_to = models.TimeField("window to", null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="schedules_paused"
    )
    rank = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "name"]
        permissions = [
            ("pause_schedule", "May pause and resume a schedule"),
            ("skip_occurrence", "May skip a due time and take that back"),
        ]
        indexes = [
            models.Index(
                fields=["next_due_at"], condition=models.Q(retired_at__isnull=True), name="schedule_by_next_due"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The schedule page, at this schedule."""
        return f"{reverse('schedule')}#{self.key}"

    @property
    def window(self) -> tuple[dt.time, dt.time] | None:
        """The allowed window (UTC), or None when any time will do."""
        if self.window_from is None or self.window_to is None:
            return None
        return self.window_from, self.window_to

    def is_paused(self, now: dt.datetime) -> bool:
        """Whether it is paused at `now`; a pause ends by itself at 00:00 UTC of its until-date."""
        return self.paused_at is not None and (self.paused_until is None or now.date() < self.paused_until)


class ScheduledTask(models.Model):
    """One task of a schedule, at its place in the order. A removed one is retired, so that its history keeps it."""

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="tasks")
    position = models.PositiveSmallIntegerField(default=1)
    task = models.CharField(max_length=60)
    label = models.CharField(max_length=120, blank=True, help_text="What the calendar calls it.")
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.PROTECT, related_name="scheduled_tasks")
    parameters = models.JSONField(default=dict, blank=True)
    lateness_minutes = models.PositiveIntegerField(
        default=60, help_text="Not started within these minutes after its time: missed."
    )
    timeout_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Time limit of the run; empty: the task's own."
    )
    retries = models.PositiveSmallIntegerField(default=0, help_text="More attempts, within the same run.")
    catch_up = models.CharField(max_length=8, choices=CatchUp, default=CatchUp.LATEST)
    lock_groups = models.JSONField(
        default=list, blank=True, help_text="Names that only one run may hold at a time, besides the task's own."
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["schedule", "position", "id"]

    def __str__(self) -> str:
        return self.label or self.task
