"""Process: a long-running process of the product, and when it last proved that it lives."""

from __future__ import annotations

from django.db import models


class Process(models.Model):
    """One running supervisor, ticker, prober or web worker. Rows of those that ended well are deleted by themselves.

    `memory_bytes` (resident) and `threads` are with all that it started, None where the system does not tell.
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    memory_bytes = models.PositiveBigIntegerField(null=True)
    threads = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["host", "pid", "started_at"], name="one_row_a_process")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} on {self.host}"
