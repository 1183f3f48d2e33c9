"""Finding: one thing that a run found wrong, and its life from run to run."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.urls import reverse

from maintenance.models.run import Run
from maintenance.models.target import Target


class Severity(models.TextChoices):
    """How bad it is."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Finding(models.Model):
    """What is wrong (`kind`) with what (`subject`, such as a table) on which target.

    Seen for the first time it is `new`, again `ongoing`; a run that looked for its kind completely and does not see it
    any more makes it `resolved`; a person may accept it until a date. `fix` is the exact statement or step that mends
    it. `task` is the one that saw it last: different tasks may look for the same kind on the same target.
    """

    class State(models.TextChoices):
        """Where it is in its life."""

        NEW = "new", "New"
        ONGOING = "ongoing", "Ongoing"
        RESOLVED = "resolved", "Resolved"
        ACCEPTED = "accepted", "Accepted"

    task = models.CharField(max_length=60)
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    severity = models.CharField(max_length=10, choices=Severity)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    accepted_until = models.DateField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="findings_accepted"
    )
    accepted_reason = models.CharField(max_length=300, blank=True)
    runs = models.ManyToManyField(Run, through="FindingSighting", related_name="findings")

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        permissions = [("accept_finding", "May accept a finding until a date")]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "kind", "subject"], nulls_distinct=False, name="one_finding_a_subject"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The finding's page."""
        return reverse("finding", args=[self.pk])


def standing(state: str, today: dt.date) -> models.Q:
    """Findings that stand in `state` today: one whose acceptance has ended goes on."""
    ended = models.Q(accepted_until__lt=today) | models.Q(accepted_until__isnull=True)
    if state == Finding.State.ONGOING:
        return models.Q(state=Finding.State.ONGOING) | (models.Q(state=Finding.State.ACCEPTED) & ended)
    if state == Finding.State.ACCEPTED:
        return models.Q(state=Finding.State.ACCEPTED, accepted_until__gte=today)
    return models.Q(state=state)


def still_open(today: dt.date) -> models.Q:
    """Findings that are neither resolved nor accepted today."""
    return standing(Finding.State.NEW, today) | standing(Finding.State.ONGOING, today)


class FindingSighting(models.Model):
    """That a run saw a finding, with the state and severity it had then."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="sightings")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="sightings")
    state = models.CharField(max_length=10, choices=Finding.State)
    severity = models.CharField(max_length=10, choices=Severity)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "run"], name="one_sighting_a_run")]

    def __str__(self) -> str:
        return f"{self.finding} in {self.run}"
