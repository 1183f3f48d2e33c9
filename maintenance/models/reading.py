"""Reading: what one look at one thing saw."""

from __future__ import annotations

from django.db import models

from maintenance.models.probe import Probe


class Reading(models.Model):
    """The state (up, degraded, down, unknown) of a probe at a moment; as seen, also when it was not confirmed.

    Two hundred probes make half a million rows a day, so a row has no number of its own and no index but its key, which
    finds the latest of a probe and every stretch of time. `reason` is empty while all is well. `planned`: it was read
    during planned work. Rows go after READING_RETENTION_DAYS.
    """

    pk = models.CompositePrimaryKey("probe_id", "at")
    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="readings", db_index=False)
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    planned = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["probe", "at"]

    def __str__(self) -> str:
        return f"{self.state} at {self.at:%Y-%m-%d %H:%M:%S}"
