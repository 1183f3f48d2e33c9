"""What is done to many notices at once by a few statements, so that a backlog leaves fast.

A batch has one token. Whoever has lost a notice of it, because its lease ran out, changes that notice no more.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zbmaint.notifications import rules
from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice, NoticeQuerySet
from zbmaint.notifications.transports.transport import Delivery


@transaction.atomic
def claim(count: int, worker: str, seconds: float, *, transport: str = "", most: int = rules.LATER) -> list[Notice]:
    """Take up to `count` notices that are due and were not tried yet, the most urgent first.

    Each is begun within `seconds`, or given back: the lease lasts for that and for the slowest attempt. `transport`:
    only by this one. `most`: only of this priority or a more urgent one. What another worker is taking is passed over.
    """
    due = Notice.objects.filter(state=rules.QUEUED, next_attempt_at__lte=timezone.now(), priority__lte=most)
    if transport:
        due = due.filter(transport=transport)
    locked = due.first_of_their_topic().select_for_update(skip_locked=True, of=("self",)).select_related("person")
    taken = list(locked.order_by("priority", "created_at")[:count])
    if taken:
        token, now = uuid.uuid4(), timezone.now()
        lease_until = now + dt.timedelta(seconds=seconds + settings.NOTICE_LEASE_SECONDS)
        facts = {"state": rules.SENDING, "worker": worker, "token": token, "lease_until": lease_until}
        Notice.objects.filter(pk__in=[notice.pk for notice in taken]).update(**facts, attempts=F("attempts") + 1)
        for notice in taken:
            notice.attempts += 1
            for name, value in facts.items():
                setattr(notice, name, value)
    return taken


def held(batch: Sequence[Notice]) -> NoticeQuerySet:
    """Those of `batch` that are still ours."""
    tokens = {notice.token for notice in batch}
    return Notice.objects.filter(pk__in=[notice.pk for notice in batch], token__in=tokens, state=rules.SENDING)


@transaction.atomic
def settle(results: Sequence[tuple[Notice, Delivery]]) -> dict[uuid.UUID, str]:
    """Write how attempts on claimed notices ended; returns the new states of those that are still ours."""
    states: dict[uuid.UUID, str] = {}
    said: dict[Delivery, list[Notice]] = defaultdict(list)
    for notice, delivery in results:
        if delivery.sent:
            said[delivery].append(notice)
        elif (state := notices.settle(notice, delivery)) is not None:
            states[notice.pk] = state
    for delivery, batch in said.items():
        facts = {"last_status": delivery.status, "last_error": delivery.fault, "answer": delivery.says[:300]}
        states |= dict.fromkeys(_end(batch, rules.SENT, **facts), rules.SENT)
    return states


@transaction.atomic
def end_unsent(batch: Sequence[Notice], state: str, why: str, into: Notice | None = None) -> None:
    """End claimed notices without sending them, because of `why`."""
    _end(batch, state, last_error=why, into=into)


@transaction.atomic
def release(batch: Sequence[Notice]) -> None:
    """Give back claimed notices that nobody has begun to send, as if they had not been taken."""
    for notice in held(batch).locked():
        notices.release(notice)


def _end(batch: Sequence[Notice], state: str, **facts: object) -> list[uuid.UUID]:
    """End those that are still ours, and let the next of their topics go; returns which."""
    mine = list(held(batch).select_for_update().values_list("pk", flat=True))
    changed = Notice.objects.filter(pk__in=mine)
    changed.update(state=state, settled_at=timezone.now(), token=RandomUUID(), **facts)
    _let_next_go([notice for notice in batch if notice.pk in mine and not notice.collapses])
    return mine


def _let_next_go(ended: Sequence[Notice]) -> None:
    """Queue what waited behind what has ended: of each topic and recipient the oldest, when it is due."""
    if not ended:
        return
    mine = {(notice.topic, notice.transport, notice.recipient) for notice in ended}
    waiting = Notice.objects.waiting().filter(topic__in={topic for topic, _, _ in mine}).order_by("created_at", "pk")
    for notice in waiting.locked(skip_locked=True):
        key = (notice.topic, notice.transport, notice.recipient)
        if key in mine:
            mine.discard(key)
            if notice.next_attempt_at <= timezone.now():
                notices.send_again(notice)
