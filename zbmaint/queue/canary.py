"""The canary: a message that does nothing, sent through a queue to see that it comes out at the other end.

A django-q2 cluster whose idle worker or monitor was killed can wait for ever for a lock that nobody holds, while every
process looks alive. Only a message that was fetched, executed and acknowledged proves that pusher, worker and monitor
all work.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from zbmaint.queue.door import QUEUES, QueueName, enqueue

SONG = "zbmaint.queue.canary.sing"
# Given a host, the pids there that carry out work now.
BusyWorkers = Callable[[str], list[int]]
_busy: list[BusyWorkers] = []


def sing() -> None:
    """What the message calls."""


@transaction.atomic
def send(queue: QueueName) -> int:
    """Send a canary through `queue`; returns the number to ask `has_come_back` about."""
    return enqueue(SONG, queue=queue)


def has_come_back(number: int) -> bool:
    """Whether the canary was fetched, executed and acknowledged."""
    return not OrmQ.objects.filter(pk=number).exists()


def forget(number: int | None) -> None:
    """Take back a canary whose cluster is given up: it would stay locked for as long as a message may take."""
    OrmQ.objects.filter(pk=number).delete()


def oldest(queue: QueueName) -> float:
    """Seconds that the oldest canary has been under way in `queue`; 0 when none is."""
    sent = [row.task["started"] for row in OrmQ.objects.filter(key=queue) if row.func() == SONG]
    return max(0.0, (timezone.now() - min(sent)).total_seconds()) if sent else 0.0


def waiting_work() -> dict[str, int]:
    """Messages in each queue that are not canaries."""
    counts: dict[str, int] = dict.fromkeys(QUEUES, 0)
    for row in OrmQ.objects.all():
        if row.key in counts and row.func() != SONG:
            counts[row.key] += 1
    return counts


def register_busy(look: BusyWorkers) -> None:
    """Let an app say which of a host's processes are at work: a cluster whose workers are all busy keeps a canary
    waiting without being stuck."""
    _busy.append(look)


def busy_pids(host: str) -> set[int]:
    """The pids on `host` that carry out work now, by what the apps say."""
    return {pid for look in _busy for pid in look(host)}
