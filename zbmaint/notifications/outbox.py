"""The outbox: `post` writes a notice and its message in the transaction that causes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook
from zbmaint.queue.door import QueueName, enqueue

QUEUE: QueueName = "short"
JOB = "zbmaint.notifications.jobs.deliver"


def wants_webhook() -> bool:
    """Whether there is a monitoring webhook to post to. One whose URL cannot be read counts: its notices wait."""
    return webhook.is_wanted()


def post_to_webhook(
    kind: str, *, event: str, topic: str, payload: Mapping[str, Any], occurred_at: dt.datetime
) -> Notice | None:
    """Post to the monitoring webhook; None when there is none."""
    if not wants_webhook():
        return None
    return post(
        kind,
        event=event,
        topic=topic,
        transport=webhook.KEY,
        recipient=webhook.RECIPIENT,
        payload=payload,
        occurred_at=occurred_at,
    )


def post(
    kind: str,
    *,
    event: str,
    topic: str,
    transport: str,
    recipient: str,
    payload: Mapping[str, Any],
    occurred_at: dt.datetime,
) -> Notice:
    """Write a notice about `event` and hand it to the workers; both commit or roll back with the caller.

    Must be called inside a transaction. An event that was posted before keeps its one notice, which is returned.
    """
    now = timezone.now()
    notice, created = Notice.objects.get_or_create(
        event=event,
        transport=transport,
        recipient=recipient,
        defaults={
            "kind": kind,
            "topic": topic,
            "payload": dict(payload),
            "occurred_at": occurred_at,
            "created_at": now,
            "enqueued_at": now,
            "next_attempt_at": now,
            "give_up_at": now + dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS),
        },
    )
    if created:
        send_message(notice)
    return notice


def send_message(notice: Notice) -> None:
    """Queue the message that makes a worker deliver `notice`."""
    enqueue(JOB, str(notice.pk), str(notice.token), queue=QUEUE)
