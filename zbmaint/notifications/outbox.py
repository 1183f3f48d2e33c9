"""The outbox: `post` writes a notice and its message in the transaction that causes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zbmaint.notifications import rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import webhook
from zbmaint.queue.door import QueueName, enqueue_all

QUEUE: QueueName = "short"
JOB = "zbmaint.notifications.jobs.deliver"
AS_POSTED = (
    *("kind", "event", "topic", "transport", "recipient", "occurred_at", "person_id", "still_wanted", "priority"),
)


def address(path: str) -> str:
    """The whole address of a page of the product, for those outside."""
    return settings.PUBLIC_URL + path


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


@dataclass(frozen=True)
class Message:
    """A notice to be posted to people; see `Notice`. `not_before` keeps it back until then (None: at once).

    `payload` has what the transports for people write (see `transports.letter`): `text`, `facts`, `url`, `many` and
    others.
    """

    kind: str
    event: str
    topic: str
    subject: str
    transport: str
    recipient: str
    payload: Mapping[str, Any]
    occurred_at: dt.datetime
    person_id: int | None = None
    still_wanted: str = ""
    priority: int = rules.NORMAL
    not_before: dt.datetime | None = None


def post_all(messages: Sequence[Message]) -> list[Notice]:
    """Write notices to people and hand them to the workers; all commit or roll back with the caller.

    Must be called inside a transaction. Of one event a recipient gets one by each transport, however often
    it is posted.
    """
    now = timezone.now()
    hours = dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS)
    notices = [
        Notice(
            **{name: getattr(message, name) for name in AS_POSTED},
            subject=" ".join(message.subject.split())[:300],
            payload=dict(message.payload),
            collapses=True,
            created_at=now,
            enqueued_at=now,
            next_attempt_at=message.not_before or now,
            give_up_at=(message.not_before or now) + hours,
        )
        for message in messages
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    _send_messages([notice for notice in notices if notice.next_attempt_at <= now])
    return notices


def cancel(*, topic: str, kinds: Collection[str], why: str) -> int:
    """Stop what waits about `topic` and is of one of `kinds`, in the caller's transaction; returns how many notices.

    For what collapses: nothing is held back behind it. `why` is for people. What is being sent at this moment arrives.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("cancel() belongs inside the transaction of its action")
    waiting = Notice.objects.waiting().filter(topic=topic, kind__in=kinds, collapses=True)
    return waiting.update(state=rules.CANCELLED, settled_at=timezone.now(), last_error=why)


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
    _send_messages([notice])


def _send_messages(notices: Sequence[Notice]) -> None:
    enqueue_all(JOB, [(str(notice.pk), str(notice.token)) for notice in notices], queue=QUEUE)
