"""Category: what a ticket is about."""

from __future__ import annotations

from django.db import models

from incidents.models.tier import Tier


class Category(models.Model):
    """A kind of trouble. `first_tier` is where its tickets begin; a retired one is kept for those that have it."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    first_tier = models.ForeignKey(
        Tier, null=True, blank=True, on_delete=models.PROTECT, help_text="Where its tickets begin. Empty: tier 1."
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name
