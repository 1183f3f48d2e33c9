"""FindingStretch: a stretch of time in which a finding stood the same."""

from __future__ import annotations

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from maintenance.models.finding import Finding, Severity

# A stretch as a range, of which its end is a part and its begin is not: what held just before a moment contains it.
STRETCH = models.Func(
    models.F("begins"),
    models.F("ends"),
    models.Value("(]"),
    function="tstzrange",
    output_field=DateTimeRangeField(),
)


class FindingStretch(models.Model):
    """From `begins` until `ends` (None: it goes on) a finding stood open or accepted, at one severity.

    A finding itself says only how it stands now, and begins anew when it comes back; its stretches say how it stood on
    any day. The database writes them (a trigger on findings, migration 0006), so that none is passed over. `since` is
    when this life of the finding began: the first stretch of a life begins then. The last one of a life that is over is
    `resolved`. An acceptance holds to the end of the day `accepted_until` (UTC); from then on it counts as open.
    """

    class State(models.TextChoices):
        """How it stood."""

        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="stretches")
    since = models.DateTimeField()
    begins = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State)
    severity = models.CharField(max_length=10, choices=Severity)
    accepted_until = models.DateField(null=True)
    resolved = models.BooleanField(default=False)

    class Meta:
        ordering = ["finding", "begins", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("begins")) | models.Q(ends__isnull=True),
                name="stretch_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["begins"], name="stretch_by_begin"),
            models.Index(fields=["ends"], condition=models.Q(resolved=True), name="stretch_by_resolution"),
            GistIndex(STRETCH, name="stretch_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.finding}, {self.state} from {self.begins:%Y-%m-%d %H:%M}"
