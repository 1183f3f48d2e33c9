"""Stakeholder: a group, a person outside or a chat channel that is told of tickets."""

from __future__ import annotations

from django.db import models

from incidents.rules import notifying


class Stakeholder(models.Model):
    """Told of the tickets of these severities in these tiers; an empty list means all.

    `address` is an e-mail address, or the name of the variable that has the address of a chat, which is a secret.
    """

    class Channel(models.TextChoices):
        """How."""

        EMAIL = notifying.EMAIL, "E-mail"
        CHAT = notifying.CHAT, "Chat"

    name = models.CharField(max_length=80, unique=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    address = models.CharField(max_length=254)
    severities = models.JSONField(default=list, blank=True)
    tiers = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_told_of(self, severity: str, tier: int) -> bool:
        """Whether tickets of `severity` in `tier` are theirs."""
        return (not self.severities or severity in self.severities) and (not self.tiers or tier in self.tiers)
