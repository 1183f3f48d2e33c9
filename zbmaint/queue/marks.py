"""What a transaction that is not over yet lets others know, without anybody having to wait for its end.

A mark is a pair of numbers, kept as a shared advisory lock with two keys: everybody can read it, nobody ever waits for
one, and it goes away in the moment in which what it stands for is committed (or undone), not before. PostgreSQL shows
rows first and lets locks go then: who reads the marks and after that the rows misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from zbmaint.queue.locks import lock_key

_WIDEST = 2**31 - 1
_MARK = """
SELECT pg_advisory_xact_lock_shared(first, second) FROM unnest(%s::int[], %s::int[]) AS pairs (first, second)
"""
_OF_OTHERS = """
SELECT classid::bigint, objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND mode = 'ShareLock' AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def mark(*pairs: tuple[int, int]) -> None:
    """Let others see the pairs until the current transaction ends."""
    firsts, seconds = ([pair[place] & _WIDEST for pair in pairs] for place in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [firsts, seconds])


def marks_of_others() -> set[tuple[int, int]]:
    """The pairs of all other transactions that go on now."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_OTHERS)
        return {(first, second) for first, second in cursor.fetchall()}


@contextmanager
def in_turn(name: str) -> Iterator[None]:
    """One at a time, for the block only and not until the transaction ends. A block must not wait for any other lock:
    then whoever holds this one never waits, and no ring of waiting people can form, whatever they hold besides.

    The block is a savepoint: when it fails, the transaction can still let the lock go.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock_key(name)])
    try:
        with transaction.atomic():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_key(name)])
