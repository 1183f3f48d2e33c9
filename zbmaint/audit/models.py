"""AuditEntry: one thing that somebody did. The database refuses to change or delete it (migration 0002)."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what to what, from where, and what changed. `actor` null means the product itself."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries"
    )
    actor_name = models.CharField(max_length=120)
    address = models.GenericIPAddressField(null=True, blank=True)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=60)
    target_id = models.CharField(max_length=80)
    target_label = models.CharField(max_length=200)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["target_kind", "target_id", "-id"], name="audit_by_target")]

    def __str__(self) -> str:
        return f"{self.target_label}: {self.verb.replace('_', ' ')} by {self.actor_name}"
