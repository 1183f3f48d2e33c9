"""AppMetric: one number of a running application at a moment."""

from __future__ import annotations

from django.db import models


class AppMetric(models.Model):
    """`name` (such as `memory_used_bytes`, `threads_live`) of `source`: a target, or a process of this product.

    Two sources of the same kind of number stay apart; `source` says whose it is, in words that a page can show.
    """

    pk = models.CompositePrimaryKey("source", "name", "at")
    source = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        ordering = ["source", "name", "at"]

    def __str__(self) -> str:
        return f"{self.source}: {self.name} {self.value:g}"
