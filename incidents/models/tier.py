"""Tier and its response targets: who answers first, and how soon."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from incidents.models.calendar import Calendar
from incidents.models.severity import Severity
from incidents.rules import business_time, pausing, tiers


class TierManager(models.Manager["Tier"]):
    """Finds tiers."""

    def existing(self, number: int) -> Tier:
        """The tier, as shipped when nobody has installed it yet: a ticket never fails for want of its tier."""
        shipped = tiers.TIERS[number]
        facts = {
            "name": shipped.name,
            "responsibilities": list(shipped.responsibilities),
            "criteria": list(shipped.criteria),
        }
        tier, _ = self.select_related("calendar").get_or_create(number=number, defaults=facts)
        return tier


class Tier(models.Model):
    """One of the three support tiers. `on_call` answers for it when no rule names somebody."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    name = models.CharField(max_length=80)
    responsibilities = models.JSONField(default=list)
    criteria = models.JSONField("escalation criteria", default=list)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="tiers")
    on_call = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="on_call_for"
    )
    open_cap = models.PositiveSmallIntegerField(
        "open tickets a person",
        default=tiers.OPEN_CAP,
        help_text="Whoever has that many open tickets is assigned no more by themselves.",
    )

    objects = TierManager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Tier {self.number}"

    def hours(self) -> business_time.Calendar:
        """When it works."""
        return self.calendar.hours() if self.calendar else business_time.ALWAYS

    @property
    def is_last(self) -> bool:
        """Whether nobody stands behind it but vendors."""
        return self.number == tiers.LAST


class ResponseTargetManager(models.Manager["ResponseTarget"]):
    """Finds targets."""

    def existing(self, tier: Tier, severity: str) -> ResponseTarget:
        """The target of `tier` for `severity`, as shipped when nobody has installed it yet."""
        defaults = {
            "response_minutes": tiers.TIERS[tier.number].minutes[severity],
            "pause_cap_minutes": int(pausing.DEFAULT_CAPS[severity].total_seconds() // 60),
        }
        target, _ = self.get_or_create(tier=tier, severity=severity, defaults=defaults)
        return target


class ResponseTarget(models.Model):
    """How soon a tier responds to a severity, how soon it resolves (null: no target), how long a pause may last."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="targets")
    severity = models.CharField(max_length=10, choices=Severity)
    response_minutes = models.PositiveIntegerField()
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True)
    pause_cap_minutes = models.PositiveIntegerField()

    objects = ResponseTargetManager()

    class Meta:
        ordering = ["tier", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "severity"], name="one_target_a_tier_and_severity"),
            models.CheckConstraint(
                condition=models.Q(response_minutes__gt=0)
                & (
                    models.Q(resolution_minutes__isnull=True)
                    | models.Q(resolution_minutes__gte=models.F("response_minutes"))
                ),
                name="resolution_not_before_response",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier}, {self.severity}"

    @property
    def response(self) -> dt.timedelta:
        """Business time to the first response."""
        return dt.timedelta(minutes=self.response_minutes)

    @property
    def resolution(self) -> dt.timedelta | None:
        """Business time to the resolution, if there is a target."""
        return None if self.resolution_minutes is None else dt.timedelta(minutes=self.resolution_minutes)

    @property
    def pause_cap(self) -> dt.timedelta:
        """How long a ticket may be paused in one stay in the tier."""
        return dt.timedelta(minutes=self.pause_cap_minutes)
