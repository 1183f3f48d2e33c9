"""PersonDay: what one person did on tickets on one day, put together."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class PersonDay(models.Model):
    """How many stays of tickets a person answered first, how many tickets of theirs were resolved, and how many of
    theirs were open when the day ended (today: at the last roll)."""

    pk = models.CompositePrimaryKey("day", "person_id")
    day = models.DateField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    open = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["day", "person"]

    def __str__(self) -> str:
        return f"{self.person} on {self.day}"
