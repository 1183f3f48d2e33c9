"""Advisory locks on a session of their own: held while this process lives, released by the server when it dies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from types import TracebackType

import psycopg
from django.db import connection


def lock_key(name: str) -> int:
    """The 64-bit key of a lock name; stable across processes and versions."""
    return int.from_bytes(hashlib.blake2b(f"zbmaint:{name}".encode(), digest_size=8).digest(), signed=True)


def transaction_lock(name: str) -> None:
    """Wait for the advisory lock `name` and hold it until the current transaction ends."""
    transaction_locks([name])


def transaction_locks(names: Iterable[str]) -> None:
    """The same for several, in sorted order, so that two who want some of the same cannot wait for each other."""
    keys = [lock_key(name) for name in sorted(set(names))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


class Locks:
    """A session that holds advisory locks in our own database.

    Never Django's connection: django-q2 and Django close theirs when they see fit, and the locks would go with it.
    """

    def __init__(self, purpose: str) -> None:
        parameters = connection.get_connection_params()
        parameters.pop("cursor_factory", None)
        parameters.pop("context", None)
        parameters["application_name"] = f"zbmaint:lock:{purpose}"[:63]
        parameters["connect_timeout"] = 5
        self._session = psycopg.connect(**parameters, autocommit=True)

    def acquire(self, names: Iterable[str]) -> str | None:
        """Take all of `names`, or none: returns None when taken, else the name that somebody else holds.

        Names are taken in sorted order, so that two holders of overlapping groups cannot wait for each other.
        """
        taken: list[str] = []
        for name in sorted(set(names)):
            row = self._session.execute("SELECT pg_try_advisory_lock(%s)", [lock_key(name)]).fetchone()
            if row is None or not row[0]:
                for held in taken:
                    self._session.execute("SELECT pg_advisory_unlock(%s)", [lock_key(held)])
                return name
            taken.append(name)
        return None

    def alive(self) -> bool:
        """Whether the session, and with it every lock, still holds."""
        try:
            self._session.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        """Release everything."""
        self._session.close()

    def __enter__(self) -> Locks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
