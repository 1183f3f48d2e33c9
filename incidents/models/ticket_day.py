"""TicketDay: what became of tickets on one day, put together."""

from __future__ import annotations

from typing import Final

from django.db import models

ALL_TIERS: Final = 0
ALL_SEVERITIES: Final = ""


class TicketDay(models.Model):
    """The tickets of a day by tier (0: all) and severity ("": all); `incidents.measures` writes and explains it.

    Every day has the row of all; the others are there when something was. The severity is the one that the ticket has
    had last. What a tier received, answered or missed are its stints, one for each stay of a ticket; what it escalated
    went on to the next one. `answers` and `resolutions` hold seconds as `zbmaint.rollup.spread` packs them: the answers
    of all tiers are the first ones to tickets, those of a tier the ones to its stints. What begins with `open` is as it
    was when the day ended (today: at the last roll), with ages in seconds; what is unanswered is so in the same sense.
    docs/kpis.md says it figure by figure.
    """

    pk = models.CompositePrimaryKey("day", "tier", "severity")
    day = models.DateField()
    tier = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=10, blank=True)
    opened = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    escalated = models.PositiveIntegerField(default=0)
    reopened = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField("resolved as noise or duplicate", default=0)
    responses_met = models.PositiveIntegerField(default=0)
    responses_missed = models.PositiveIntegerField(default=0)
    resolutions_met = models.PositiveIntegerField(default=0)
    resolutions_missed = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveIntegerField("left the tier unanswered in time", default=0)
    answers = models.BinaryField(default=b"")
    resolutions = models.BinaryField(default=b"")
    open = models.PositiveIntegerField(default=0)
    open_unassigned = models.PositiveIntegerField(default=0)
    open_unanswered = models.PositiveIntegerField(default=0)
    open_age_median = models.PositiveBigIntegerField(null=True)
    open_age_p90 = models.PositiveBigIntegerField(null=True)
    open_age_oldest = models.PositiveBigIntegerField(null=True)
    unanswered_age_oldest = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["day", "tier", "severity"]

    def __str__(self) -> str:
        return f"{self.day}, tier {self.tier or 'all'}, {self.severity or 'all'}"
