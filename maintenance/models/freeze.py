"""Freeze: nothing of a scope is to be done for a while."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from maintenance.models.category import Category
from maintenance.models.target import Target


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Finds freezes."""

    def holding(self, now: dt.datetime) -> FreezeQuerySet:
        """Those that hold at `now`."""
        return self.filter(lifted_at__isnull=True, begins_at__lte=now, ends_at__gt=now)


class Freeze(models.Model):
    """From `begins_at` until `ends_at` nothing of its scope starts. Lifting ends it early; it is kept for the record.

    The scope is everything, or the named targets and categories: what belongs to any of them is held.
    """

    everything = models.BooleanField(default=True)
    targets = models.ManyToManyField(Target, blank=True, related_name="freezes")
    categories = models.ManyToManyField(Category, blank=True, related_name="freezes")
    begins_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    reason = models.CharField(max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="freezes_made")
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="freezes_lifted"
    )

    objects = FreezeQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_at"]

    def __str__(self) -> str:
        return self.reason
