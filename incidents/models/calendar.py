"""Calendar: when a tier works."""

from __future__ import annotations

from django.db import models

from incidents.rules import business_time
from zbmaint.access.models.person import validate_time_zone


class Calendar(models.Model):
    """Business hours with holidays, in one time zone. A tier without a calendar works around the clock.

    `week` has seven lists, Monday first, of [from, to] in minutes since midnight; `holidays` has [date, name] pairs.
    A clock that runs keeps the calendar with which it began: edits are for the tickets that come.
    """

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    week = models.JSONField(default=list)
    holidays = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def hours(self) -> business_time.Calendar:
        """As the rules take it."""
        days = [day for day, _ in self.holidays]
        return business_time.from_stored({"zone": self.time_zone, "week": self.week, "holidays": days})
