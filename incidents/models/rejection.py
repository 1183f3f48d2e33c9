"""Rejection: how often a source was turned away."""

from __future__ import annotations

from django.db import models

from incidents.models.source import Source


class Rejection(models.Model):
    """Requests of one UTC day that were refused for one reason. `source` null: nobody knows whose they were.

    Of such a request nothing else is kept: whoever sends it has not shown who they are.
    """

    class Reason(models.TextChoices):
        """Why."""

        NO_TOKEN = "no_token", "No token"
        WRONG_TOKEN = "wrong_token", "Wrong token"
        REVOKED_TOKEN = "revoked_token", "Revoked token"
        TOO_LARGE = "too_large", "Too large"

    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="rejections")
    day = models.DateField()
    reason = models.CharField(max_length=20, choices=Reason)
    count = models.PositiveBigIntegerField(default=1)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "day", "reason"], name="one_rejection", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.day}"
