"""The sweep: brings back what a dead worker held, and sends to the workers what is due."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db.models import F

from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice, NoticeQuerySet
from zbmaint.notifications.outbox import JOB, QUEUE
from zbmaint.queue.door import lost

log = structlog.get_logger(__name__)
BATCH = 500
# A message that nobody has taken for this long may have vanished, or lie in a cluster that died.
PATIENCE = dt.timedelta(seconds=60)


def sweep(now: dt.datetime) -> int:
    """Give back, then send again; returns how many notices were handed to the workers."""
    for pk in Notice.objects.abandoned(now).values_list("pk", flat=True)[:BATCH]:
        if notices.give_back(pk, now):
            log.error("notice.worker_died", notice=str(pk))
    due = Notice.objects.waiting().filter(next_attempt_at__lte=now).first_of_their_topic().order_by("next_attempt_at")
    return _try_again(due) + _replace_messages(due, now)


def _try_again(due: NoticeQuerySet) -> int:
    """Those whose next attempt has no message yet."""
    rows = due.filter(enqueued_at__lt=F("next_attempt_at")).values_list("pk", "token")
    return sum(notices.queue_again(pk, token) for pk, token in rows[:BATCH])


def _replace_messages(due: NoticeQuerySet, now: dt.datetime) -> int:
    """Those whose message vanished, or was fetched long ago by a cluster that never came to it."""
    rows = due.filter(enqueued_at__gte=F("next_attempt_at"), enqueued_at__lt=now - PATIENCE)
    overdue = {(str(pk), str(token)): (pk, token) for pk, token in rows.values_list("pk", "token")[:BATCH]}
    gone = lost(QUEUE, JOB, overdue.keys(), now - PATIENCE)
    return sum(notices.queue_again(pk, token) for call, (pk, token) in overdue.items() if call in gone)
