"""Purges audit entries that are old enough."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zbmaint.audit.models import AuditEntry

BATCH = 1000


def purge(now: dt.datetime) -> int:
    """Delete entries older than AUDIT_RETENTION_DAYS, a batch a transaction; returns how many were deleted.

    The deletion of entries is itself not recorded: it would put a new entry in the place of the old ones for ever.
    """
    before = now - dt.timedelta(days=settings.AUDIT_RETENTION_DAYS)
    deleted = 0
    while True:
        with transaction.atomic():
            batch = AuditEntry.objects.filter(at__lt=before).order_by("id").values("pk")[:BATCH]
            count, _ = AuditEntry.objects.filter(pk__in=list(batch.values_list("pk", flat=True))).delete()
        deleted += count
        if count < BATCH:
            return deleted
