"""Two that want the same row: the second begins while the first has not committed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from tests.waiting import until

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def somebody_waits() -> bool:
    """Whether another session waits for what this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def after(first: Callable[[], object], second: Callable[[], Any]) -> list[Any]:
    """Do `first`, and let `second` begin before it is committed; returns what `second` gave or raised."""
    got: list[Any] = []

    def begin() -> None:
        try:
            got.append(second())
        except Exception as problem:
            got.append(problem)
        finally:
            connection.close()

    with transaction.atomic():
        first()
        thread = threading.Thread(target=begin)
        thread.start()
        until(somebody_waits, 30, "the other to wait for the row")
    thread.join(60)
    return got
