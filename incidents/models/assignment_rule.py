"""AssignmentRule: who gets which new tickets."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from incidents.models.calendar import Calendar
from incidents.models.category import Category
from incidents.models.tier import Tier


class AssignmentRule(models.Model):
    """What a ticket must be like, and who gets it then. Rules are asked in the order of `position`; the first wins.

    Every condition that is given must hold: one of `severities`, one of `categories`, one of `tags`, `pattern` (found
    in title or description, see `incidents.rules.patterns`), `source`, and that it is within or outside the hours.
    """

    class Assign(models.TextChoices):
        """Who gets it."""

        PERSON = "person", "A person"
        ON_CALL = "on_call", "Whoever is on call for the tier"
        LEAST_LOADED = "least_loaded", "Whoever of the tier is available and has the fewest open tickets"

    class When(models.TextChoices):
        """Whether it must be within the hours of the calendar."""

        ANY = "any", "At any time"
        WITHIN = "within", "Within the hours of the calendar"
        OUTSIDE = "outside", "Outside the hours of the calendar"

    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=100, unique=True)
    active = models.BooleanField(default=True)
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="rules")
    severities = models.JSONField(default=list, blank=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="rules")
    tags = models.JSONField(default=list, blank=True)
    pattern = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60, blank=True)
    when = models.CharField(max_length=10, choices=When, default=When.ANY)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="rules")
    assign = models.CharField(max_length=20, choices=Assign, default=Assign.ON_CALL)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assignment_rules"
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
