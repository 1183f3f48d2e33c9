"""Category: one of the four kinds of maintenance, as data that people may word differently."""

from __future__ import annotations

from django.db import models


class Category(models.Model):
    """A kind of maintenance: why it is done, how often or on what it is done, and examples."""

    key = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=200)
    frequency = models.CharField(max_length=120, blank=True, help_text="How often, for what is done regularly.")
    trigger = models.CharField(max_length=160, blank=True, help_text="On what, for what is done when needed.")
    examples = models.JSONField(default=list, help_text="A list of short texts.")
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rank", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name
