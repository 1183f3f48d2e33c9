"""The ticker: calls what is registered in `zbmaint.beat`, each under its own lock, in any number of copies."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from threading import Event

import structlog
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from zbmaint.beat import Periodic, registered
from zbmaint.queue.locks import lock_key
from zbmaint.queue.presence import BEAT_SECONDS, Presence

log = structlog.get_logger(__name__)


class Ticker:
    """Calls due periodic work until `stop` is set. What fails is logged and tried again at its next period."""

    def __init__(self, stop: Event, tick_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = stop
        self._tick = tick_seconds
        self._clock = clock
        self._due: dict[str, float] = {}
        self._presence = Presence("ticker", "ticker")
        self._next_beat = 0.0

    def run(self) -> None:
        """Tick until told to stop."""
        while not self._stop.is_set():
            self.tick()
            self._stop.wait(self._tick)
        self._presence.leave()

    def tick(self) -> None:
        """Do once what is due. An unreachable database costs this tick, never the ticker."""
        try:
            close_old_connections()
            if self._clock() >= self._next_beat:
                self._presence.beat()
                self._next_beat = self._clock() + BEAT_SECONDS
        except DatabaseError:
            log.exception("ticker.database_unreachable")
            connection.close()
            return
        for work in registered():
            if self._clock() >= self._due.get(work.name, 0.0):
                self._due[work.name] = self._clock() + work.period.total_seconds()
                self._call(work)

    def _call(self, work: Periodic) -> None:
        now: dt.datetime = timezone.now()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock_key(f"beat:{work.name}")])
                if not cursor.fetchone()[0]:
                    return
            try:
                work.call(now)
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_key(f"beat:{work.name}")])
        except Exception:  # one piece of work must not stop the others, whatever it raises
            log.exception("ticker.work_failed", work=work.name)
            # A connection in an unknown state is not used again; closing it also releases the lock.
            connection.close()
