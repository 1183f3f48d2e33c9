"""Storing what a source delivers: whoever carries a live token, as it came, with the message that has it read.

The sender waits, and takes it elsewhere when it is not told soon: few statements, one short transaction, and no waiting
for locks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from incidents.actions.source_tokens import claimed_source, hashed
from incidents.intake.body import decode
from incidents.intake.catalog import CATALOG
from incidents.intake.group import Unreadable
from incidents.models import Delivery, Rejection, SourceToken
from incidents.models.delivery import State
from zbmaint.queue.door import QueueName, enqueue

QUEUE: QueueName = "short"
JOB = "incidents.jobs.read_delivery"
# A locked or overloaded database must be told while the sender still listens.
PATIENCE = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'"
USED = dt.timedelta(minutes=1)
COUNT = """
INSERT INTO incidents_rejection (source_id, day, reason, count)
VALUES ((SELECT id FROM incidents_source WHERE id = %s), %s, %s, 1)
ON CONFLICT (source_id, day, reason) DO UPDATE SET count = incidents_rejection.count + 1
"""
Reason = Rejection.Reason


@dataclass(frozen=True)
class Receipt:
    """That a delivery is stored. `problem` says why nothing can ever be made of it; empty when it will be read."""

    delivery: int
    problem: str = ""


class TurnedAway(Exception):
    """Whoever sends this has not shown that they may. It is counted, and nothing of it is kept."""


def store(kind: str, token: str, body: bytes, content_type: str, *, missing: int = 0) -> Receipt:
    """Keep a body that came to the door of `kind`; `missing` is how many bytes of it did not arrive.

    Raises TurnedAway; django.db.Error when it cannot be kept now.
    """
    with transaction.atomic():
        _hurry()
        found = _holder(token)
        if isinstance(found, SourceToken):
            return _keep(found, kind, body, content_type, missing)
    count_rejection(found, token)
    raise TurnedAway(found.label)


def count_rejection(reason: Reason, token: str) -> None:
    """Count a request that was turned away, for the source that its token names, if there is one."""
    with transaction.atomic(), connection.cursor() as cursor:
        _hurry()
        cursor.execute(COUNT, [claimed_source(token), timezone.now().date(), reason.value])


def keep_body(source_id: int, body: bytes, content_type: str, problem: str = "") -> Delivery:
    """Write a delivery and, unless it has a problem, the message that has it read. Belongs into a transaction."""
    now = timezone.now()
    delivery = Delivery(
        source_id=source_id, received_at=now, enqueued_at=now, content_type=content_type[:100], body=body
    )
    if problem:
        delivery.state, delivery.refused, delivery.error, delivery.settled_at = State.FAILED, True, problem, now
    delivery.save(force_insert=True)
    if not problem:
        send_message(delivery)
    return delivery


def send_message(delivery: Delivery) -> None:
    """Queue the message that makes a worker read a delivery."""
    enqueue(JOB, delivery.pk, str(delivery.token), queue=QUEUE)


def _hurry() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)


def _holder(token: str) -> SourceToken | Reason:
    if not token:
        return Reason.NO_TOKEN
    row = SourceToken.objects.filter(hash=hashed(token)).select_related("source").first()
    if row is None:
        return Reason.WRONG_TOKEN
    return Reason.REVOKED_TOKEN if row.revoked_at is not None else row


def _keep(row: SourceToken, kind: str, body: bytes, content_type: str, missing: int) -> Receipt:
    problem = _problem(row, kind, body, missing)
    delivery = keep_body(row.source_id, body, content_type, problem)
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - USED:
        # Seldom, and never waited for: the row is the same one for everything that this source delivers.
        unlocked = SourceToken.objects.filter(pk=row.pk).select_for_update(skip_locked=True)
        SourceToken.objects.filter(pk__in=unlocked.values("pk")).update(last_used_at=now)
    return Receipt(delivery.pk, problem)


def _problem(row: SourceToken, kind: str, body: bytes, missing: int) -> str:
    """Why nothing can ever be made of a body; empty when it can."""
    source = row.source
    if source.kind != kind:
        return (
            f"This token is of {source}, a source of the kind {CATALOG[source.kind].label}: "
            f"it delivers to /hooks/{source.kind}."
        )
    if missing:
        return f"The body was cut off on its way: {missing:,} bytes are missing."
    try:
        CATALOG[kind].check(decode(body))
    except Unreadable as problem:
        return str(problem)
    return ""
