"""Purging what the outbox keeps."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection

from zbmaint.notifications import rules
from zbmaint.notifications.models import Notice

BATCH = 500
_ADDED_UP = """
WITH counted AS (DELETE FROM notifications_attemptcount RETURNING transport, result, number)
INSERT INTO notifications_attemptcount (transport, result, number)
SELECT transport, result, sum(number) FROM counted GROUP BY transport, result
"""


def purge(now: dt.datetime) -> int:
    """Delete notices that were settled more than NOTICE_RETENTION_DAYS ago, in batches; returns how many.

    What is not delivered yet stays however old it is. The counts of attempts are kept, as few rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADDED_UP)
    before = now - dt.timedelta(days=settings.NOTICE_RETENTION_DAYS)
    old = Notice.objects.filter(state__in=rules.SETTLED, settled_at__lt=before).order_by("settled_at")
    count = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        # Asked again: one of them may have been sent again meanwhile.
        count += Notice.objects.filter(pk__in=batch, state__in=rules.SETTLED).delete()[0]
    return count
