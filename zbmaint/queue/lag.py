"""How long messages wait: of one queue for who asks in a session of its own, outside of Django's connection; of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from zbmaint.prepared import answers, preparing_cursor
from zbmaint.queue.door import QUEUES, QueueName

# A message may be fetched from its `lock` on: since it was queued, or since a dead cluster's time for it ran out.
LONGEST_WAIT: Final = """
SELECT count(*) AS messages, coalesce(extract(epoch FROM now() - min(lock)), 0)::float8 AS seconds
FROM django_q_ormq
WHERE key = %(queue)s AND lock <= now()
"""
_ALL: Final = """
SELECT key, count(*), coalesce(extract(epoch FROM now() - min(lock) FILTER (WHERE lock <= now())), 0)::float8
FROM django_q_ormq GROUP BY key
"""


@dataclass(frozen=True)
class Waits:
    """How many messages are in a queue, at work or waiting, and for how many seconds the oldest that waits does."""

    messages: int = 0
    seconds: float = 0.0


def ask() -> CursorWrapper:
    """Ask how long messages wait, in every queue; `waits` tells it."""
    cursor = preparing_cursor()
    cursor.execute(_ALL)
    return cursor


def waits(asked: CursorWrapper) -> dict[QueueName, Waits]:
    """By queue, for every queue, what was asked."""
    found = {key: Waits(number, seconds) for key, number, seconds in answers(asked)}
    return {queue: found.get(queue, Waits()) for queue in QUEUES}
