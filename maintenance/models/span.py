"""Span: a stretch of time in one state; the timeline that a probe's readings make."""

from __future__ import annotations

from django.db import models

from maintenance.models.probe import Probe


class Span(models.Model):
    """From `begins` until `ends` the probe was up, degraded or down; between spans nothing is known.

    The latest is as long as its last reading is believed, and grows with the next one. Spans of a probe do not overlap.
    """

    pk = models.CompositePrimaryKey("probe_id", "begins")
    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="spans", db_index=False)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    state = models.CharField(max_length=10)

    class Meta:
        ordering = ["probe", "begins"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gt=models.F("begins")), name="span_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.state} from {self.begins:%Y-%m-%d %H:%M:%S}"


class Timeline(models.Model):
    """How far the readings of a probe have been made spans: to `read_until`, where it stood as `standing` says (JSON).

    `back_to` is set when a reading came late: the spans from there on are made again.
    """

    probe = models.OneToOneField(Probe, on_delete=models.PROTECT, primary_key=True, related_name="timeline")
    read_until = models.DateTimeField(null=True)
    standing = models.JSONField(default=dict)
    back_to = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.probe} to {self.read_until}"
