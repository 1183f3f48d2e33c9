"""SavedView: a person's own view of the queue."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A tab of the queue with its filters, under a name, for one person. `query` is the query string of its URL."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=60)
    tab = models.CharField(max_length=20)
    query = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name
