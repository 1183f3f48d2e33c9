"""Stint: one stay of a ticket in a tier, with the tier's clock."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models.functions import Least

from incidents.models.ticket import DueClock, Ticket
from incidents.models.tier import Tier
from incidents.rules import business_time
from incidents.rules.clocks import BREACH

# What a stay covers: up to before its end, for ever without one; nothing, where a clock was set back and it ends before
# it begins.
STAY: Final = models.Func(
    Least("entered_at", "left_at"), models.F("left_at"), function="tstzrange", output_field=DateTimeRangeField()
)


class Stint(models.Model):
    """From the moment at which a ticket comes to a tier to the one at which it goes on, or is resolved.

    `calendar` and the targets (in business seconds) are those with which the clock began; a change of severity gives
    the targets of the new one. `response_due_at` is null while the clock is paused. `breached_at` is the moment at
    which the response target was missed, however late that was written down.
    """

    class How(models.TextChoices):
        """How it came to the tier."""

        OPENED = "opened", "Opened"
        ESCALATED = "escalated", "Escalated"
        HANDED_BACK = "handed_back", "Handed back"
        REOPENED = "reopened", "Reopened"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="stints")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="stints")
    how = models.CharField(max_length=12, choices=How)
    criterion = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    left_at = models.DateTimeField(null=True, blank=True)
    calendar = models.JSONField(default=dict, blank=True)
    response_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField(null=True, blank=True)
    response_due_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    responded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    response = models.CharField("what the response was", max_length=60, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(left_at__isnull=True), name="one_stint_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "entered_at"], name="stint_by_ticket"),
            # For the figures of a day: the first finds the stays at any moment, however many came before. Those of
            # what comes later, or never, cost nothing when a ticket is opened.
            GistIndex(STAY, name="stint_by_stay"),
            models.Index(fields=["entered_at"], name="stint_by_entry"),
            models.Index(
                fields=["responded_at"], condition=models.Q(responded_at__isnull=False), name="stint_by_response"
            ),
            models.Index(fields=["breached_at"], condition=models.Q(breached_at__isnull=False), name="stint_by_breach"),
            models.Index(
                fields=["left_at"],
                condition=models.Q(left_at__isnull=False, responded_at__isnull=True, breached_at__isnull=True),
                name="stint_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} from {self.entered_at:%Y-%m-%d %H:%M}"

    def hours(self) -> business_time.Calendar:
        """The calendar with which its clock began."""
        return business_time.from_stored(self.calendar)

    @property
    def response_target(self) -> dt.timedelta:
        """Business time to the first response."""
        return dt.timedelta(seconds=self.response_seconds)


class ClockEvent(models.Model):
    """That a clock has passed 50, 80 or 100 per cent of its target at `moment`. Written once.

    `void_at` is set when the target was moved behind that moment later: what was told then is kept.
    """

    stint = models.ForeignKey(Stint, on_delete=models.CASCADE, related_name="clock_events")
    clock = models.CharField(max_length=10, choices=DueClock)
    threshold = models.PositiveSmallIntegerField()
    moment = models.DateTimeField()
    recorded_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["moment", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stint", "clock", "threshold"],
                condition=models.Q(void_at__isnull=True),
                name="one_event_a_threshold",
            )
        ]
        indexes = [
            models.Index(
                fields=["moment"],
                condition=models.Q(clock=DueClock.RESOLUTION, threshold=BREACH, void_at__isnull=True),
                name="resolution_missed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock} {self.threshold} % of {self.stint}"
