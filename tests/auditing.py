"""The audit entries that a test has made. Setting up the test database makes some about targets."""

from __future__ import annotations

from django.db.models import QuerySet

from zbmaint.audit.models import AuditEntry


def entries() -> QuerySet[AuditEntry]:
    """Entries about people and roles, oldest first."""
    return AuditEntry.objects.filter(target_kind__in=["person", "role"]).order_by("id")


def entry() -> AuditEntry:
    """The one entry about people and roles."""
    return entries().get()


def verbs() -> list[str]:
    """What was done to people and roles, oldest first."""
    return list(entries().values_list("verb", flat=True))
