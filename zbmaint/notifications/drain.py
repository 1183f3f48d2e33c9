"""A drain: one worker that delivers what is due, for a while, in batches and on several lanes at once."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

import structlog

from zbmaint.notifications import given_up, rules
from zbmaint.notifications.actions import batches, notices
from zbmaint.notifications.actions.admitting import Admission
from zbmaint.notifications.lanes import BATCH, Lane, Outcome, transport_of
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import CATALOG
from zbmaint.notifications.transports.transport import Delivery

log = structlog.get_logger(__name__)
# What was sent is recorded at the latest after so many, and after so many seconds: a kill repeats no more than that.
RECORD_AT_ONCE, RECORD_AFTER = 32, 0.1
# Seconds after which it is asked again whether anything is due by a transport by which nothing was.
ASK_AGAIN = 0.5
URGENT_AT_ONCE = 3


class Drain:
    """Begins deliveries until `until` (of the monotonic clock); leaving its block waits for those that were begun."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._lanes: dict[str, Lane] = {}
        self._admission = Admission()
        self._urgent_at = 0.0

    def __enter__(self) -> Drain:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        left = [notice for lane in self._lanes.values() for notice in lane.close()]
        if kind is None:
            batches.release(left)
            for lane in self._lanes.values():
                lane.under_way -= sum(1 for notice in left if self._lane(notice.transport) is lane)
            while self._under_way:
                self._record(again=False)

    def one(self, notice_id: str, token: str) -> None:
        """Deliver one notice, unless its message is old or it is not its turn."""
        notice = notices.claim(notice_id, token, self._worker, self._left)
        if notice is None:
            log.info("notice.not_claimed", notice=notice_id)
            return
        self._send([notice])

    def urgent(self, count: int) -> None:
        """Deliver up to `count` of the critical ones that are due."""
        self._urgent_at = time.monotonic()
        self._send(batches.claim(count, self._worker, self._left, most=rules.CRITICAL), first=True)

    def everything(self, until: float) -> None:
        """Deliver what is due, until nothing is or `until`."""
        if time.monotonic() >= until or not (self._claimed("") or self._under_way):
            return
        empty_at = dict.fromkeys(CATALOG, 0.0)
        while (now := time.monotonic()) < until:
            asked = [key for key, at in empty_at.items() if now - at > ASK_AGAIN and self._lane(key).has_room]
            empty_at |= {key: now for key in asked if not self._claimed(key)}
            self._urgent_again()
            # What has ended may have let others of its topic go.
            if not self._under_way and not self._claimed(""):
                return
            self._record()

    def finish(self) -> None:
        """Wait for what was begun, while there is time."""
        while self._under_way and time.monotonic() < self._until:
            self._urgent_again()
            self._record()

    def _urgent_again(self) -> None:
        if time.monotonic() - self._urgent_at > ASK_AGAIN:
            self.urgent(URGENT_AT_ONCE)

    @property
    def _left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    @property
    def _under_way(self) -> int:
        return sum(lane.under_way for lane in self._lanes.values())

    def _claimed(self, key: str) -> bool:
        batch = batches.claim(self._lane(key).wants if key else BATCH, self._worker, self._left, transport=key)
        self._send(batch)
        return bool(batch)

    def _send(self, batch: Sequence[Notice], *, first: bool = False) -> None:
        admitted = self._admission.admit(batch) if batch else []
        if len(admitted) < len(batch):
            log.info("notice.not_sent", count=len(batch) - len(admitted))
        for key in dict.fromkeys(notice.transport for notice in admitted):
            self._lane(key).put([notice for notice in admitted if notice.transport == key], first=first)

    def _lane(self, key: str) -> Lane:
        if key not in self._lanes:
            self._lanes[key] = Lane(transport_of(key), self._outcomes)
        return self._lanes[key]

    def _record(self, *, again: bool = True) -> None:
        """Write down what has come back; wait a moment for the first."""
        came: list[Outcome] = []
        until = time.monotonic() + RECORD_AFTER
        with suppress(Empty):
            while len(came) < min(RECORD_AT_ONCE, self._under_way):
                came.append(self._outcomes.get(timeout=max(0.0, until - time.monotonic())))
        tried: list[tuple[Notice, Delivery]] = []
        stale: list[Notice] = []
        for outcome in came:
            self._lane(outcome.notice.transport).under_way -= 1
            self._admission.over(outcome.notice)
            if outcome.delivery is None:
                self._lane(outcome.notice.transport).is_slow = True
                stale.append(outcome.notice)
            else:
                tried.append((outcome.notice, outcome.delivery))
        self._settle(tried)
        if again and time.monotonic() < self._until:
            self._send(stale)
        else:
            batches.release(stale)

    def _settle(self, tried: Sequence[tuple[Notice, Delivery]]) -> None:
        states = batches.settle(tried) if tried else {}
        for notice, delivery in tried:
            state = states.get(notice.pk)
            log.info(
                "notice.attempted", notice=str(notice.pk), attempt=notice.attempts, said=delivery.says, state=state
            )
            if state == rules.DEAD:
                given_up.tell(notice, delivery.says)
