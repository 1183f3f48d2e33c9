"""Putting work into a queue, in the transaction that causes it."""

from __future__ import annotations

from typing import Literal

from django.db import transaction
from django_q.models import OrmQ
from django_q.tasks import async_task

QueueName = Literal["short", "long", "runbook"]
QUEUES: tuple[QueueName, ...] = ("short", "long", "runbook")


def enqueue(function: str, *args: int | str, queue: QueueName) -> None:
    """Queue a call of `function` (dotted path) with ids and tokens as `args`.

    Must be called inside a transaction: the message is a row that commits or rolls back with the work it carries.
    Outside of one django-q2 would also close the caller's connection under it. Raises TransactionManagementError.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("enqueue() belongs inside the transaction of its action")
    async_task(function, *args, cluster=queue, ack_failure=True, save=False)


def depth(queue: QueueName) -> int:
    """How many messages wait in `queue` or are being worked on."""
    return int(OrmQ.objects.filter(key=queue).count())
