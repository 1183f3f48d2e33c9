"""Watcher: a person who follows a ticket."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from incidents.models.ticket import Ticket


class Watcher(models.Model):
    """Whoever opened a ticket, handed it on or asked to follow it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="watching")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="one_watcher_a_person")]

    def __str__(self) -> str:
        return f"{self.person} watches {self.ticket}"
