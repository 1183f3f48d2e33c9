"""Lanes: each transport has its own threads, so that a slow or refusing receiver holds up nothing of another one.

The threads do not ask the database: what they send was loaded and admitted before, and what came of it is handed back.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Condition, Thread

import structlog

from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import CATALOG
from zbmaint.notifications.transports.transport import Delivery, Sender, Transport

log = structlog.get_logger(__name__)
# Seconds after which what was admitted is asked again whether it is wanted, before it is sent.
FRESH = 0.5
BATCH = 64
# So many are sent by one thread, in their order: another one would cost more than it gains.
FEW = 4


@dataclass(frozen=True)
class Outcome:
    """What came of a notice: `delivery`, or None when it was not begun, because it was admitted too long ago."""

    notice: Notice
    delivery: Delivery | None


class Lane:
    """The notices by one transport that are admitted, and the threads that send them."""

    def __init__(self, transport: Transport, outcomes: SimpleQueue[Outcome]) -> None:
        self._transport, self._outcomes = transport, outcomes
        self._waiting: deque[tuple[Notice, float]] = deque()
        self._changed, self._closed = Condition(), False
        self._threads: list[Thread] = []
        self.under_way = 0
        self.is_slow = False

    @property
    def has_room(self) -> bool:
        """Whether its threads will soon have nothing more to send."""
        return self.under_way < 2 * self._transport.at_once

    @property
    def wants(self) -> int:
        """How many to give it next: no more than it can begin soon."""
        return 2 * self._transport.at_once if self.is_slow else BATCH

    def put(self, batch: Sequence[Notice], *, first: bool = False) -> None:
        """Send them, in their order, as threads are free; `first`: before those that wait already."""
        now = time.monotonic()
        with self._changed:
            admitted = [(notice, now) for notice in batch]
            if first:
                self._waiting.extendleft(reversed(admitted))
            else:
                self._waiting.extend(admitted)
            self.under_way += len(admitted)
            wanted = min(self._transport.at_once, 1 + self.under_way // FEW)
            self._changed.notify_all()
        for _ in range(wanted - len(self._threads)):
            thread = Thread(target=self._work, name=f"send-{self._transport.key}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> list[Notice]:
        """Begin nothing more; returns what was not begun."""
        with self._changed:
            self._closed = True
            left = [notice for notice, _ in self._waiting]
            self._waiting.clear()
            self._changed.notify_all()
        return left

    def _work(self) -> None:
        with self._transport.sending() as send:
            while (taken := self._take()) is not None:
                notice, admitted_at = taken
                fresh = time.monotonic() - admitted_at < FRESH
                self._outcomes.put(Outcome(notice, attempt(send, notice) if fresh else None))

    def _take(self) -> tuple[Notice, float] | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None


def attempt(send: Sender, notice: Notice) -> Delivery:
    """Try once. A bug costs one attempt, not the lease; its text might quote an address, so it is not told."""
    try:
        return send(notice)
    except Exception as problem:
        trace = problem.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        log.error("notice.transport_error", notice=str(notice.pk), kind=type(problem).__name__, place=place)
        return Delivery(False, f"The transport ended with an error: {type(problem).__name__}.")


def transport_of(key: str) -> Transport:
    """The transport `key`; one that says that no such exists, for a notice of another version."""
    unknown = Delivery(False, f"There is no transport {key!r} in this version.")
    return CATALOG.get(key) or Transport(key, key, lambda _: unknown, lambda: unknown.says)
