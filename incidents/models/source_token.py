"""SourceToken: by what a source is known when it delivers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from incidents.models.source import Source


class SourceToken(models.Model):
    """Of the token itself only `hash` is kept; `ending` are its last characters, by which people tell two apart.

    `kind` is the source's, which never changes: its door asks this one table, and nothing else, whom it lets in.

    A source has two that are live at most, so that one can be replaced without a gap. `last_used_at` is exact to a
    minute.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=20)
    place = models.PositiveSmallIntegerField()
    hash = models.BinaryField(max_length=32, unique=True, editable=False)
    ending = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["source", "place"], condition=models.Q(revoked_at__isnull=True), name="one_live_token_a_place"
            ),
            models.CheckConstraint(condition=models.Q(place__in=(1, 2)), name="two_live_tokens"),
        ]

    def __str__(self) -> str:
        return f"Token {self.place} of {self.source}"
