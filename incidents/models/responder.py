"""Responder: whether a person can be given tickets."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models


class Responder(models.Model):
    """A person as an assignee. Without a row: available, under the cap of the tier.

    `away_until` is the end of an absence; `open_cap` replaces the tier's number of open tickets a person.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="responder"
    )
    away_until = models.DateTimeField(null=True, blank=True)
    away_reason = models.CharField(max_length=120, blank=True)
    open_cap = models.PositiveSmallIntegerField("open tickets at most", null=True, blank=True)

    class Meta:
        ordering = ["person__username"]
        verbose_name = "availability"
        verbose_name_plural = "availability of people"

    def __str__(self) -> str:
        return str(self.person)

    def is_away(self, now: dt.datetime) -> bool:
        """Whether the absence goes on."""
        return self.away_until is not None and self.away_until > now
