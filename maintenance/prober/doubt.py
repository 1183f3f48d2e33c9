"""Doubt about the prober itself: a failure that it may have caused is no outage.

A thread of its own sees whether this process stood still, and whether any of the anchors answers: places that are
always there (PROBER_ANCHORS), such as the next router or the name server.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence
from threading import Event, Lock, Thread
from typing import Final

PULSE_SECONDS: Final = 0.5
# A pulse that comes this much too late means that nothing of this process ran meanwhile.
STALL_SECONDS: Final = 2.0
ANCHOR_SECONDS: Final = 2.0
ANCHORS_EVERY: Final = 5.0
# No anchor for so long is no blip: all that is behind a network may be down, and nobody would be told.
BLIND_SECONDS: Final = 60.0


class Doubt:
    """Asked about a failure that nothing answered, by when it began and ended (monotonic, seconds)."""

    def __init__(self, anchors: Sequence[str]) -> None:
        self._anchors = [_place(anchor) for anchor in anchors]
        self._lock = Lock()
        self._stalls: list[tuple[float, float]] = []
        self._checked_at = float("-inf")
        self._reached = True
        self._unreached_since: float | None = None
        self._stop, self._asked = Event(), Event()

    def start(self) -> None:
        """Begin to watch."""
        Thread(target=self._pulse, name="pulse", daemon=True).start()
        if self._anchors:
            Thread(target=self._check, name="anchors", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()
        self._asked.set()

    def stood_still(self, began: float, ended: float) -> bool:
        """Whether this process stood still between the two."""
        with self._lock:
            return any(since < ended and until > began for since, until in self._stalls)

    def cut_off(self, ended: float) -> bool | None:
        """Whether no anchor was reached after `ended`; None while that is still being looked at."""
        if not self._anchors:
            return False
        with self._lock:
            if self._checked_at >= ended:
                return not self._reached
        self._asked.set()
        return None

    @property
    def blind(self) -> bool:
        """Whether no anchor has answered for a minute."""
        with self._lock:
            since = self._unreached_since
            return since is not None and self._checked_at - since >= BLIND_SECONDS

    def _pulse(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(PULSE_SECONDS):
            now = time.monotonic()
            if now - last > PULSE_SECONDS + STALL_SECONDS:
                with self._lock:
                    self._stalls = [*self._stalls[-9:], (last, now)]
            last = now

    def _check(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            reached = any(_answers(host, port) for host, port in self._anchors)
            with self._lock:
                self._checked_at, self._reached = began, reached
                self._unreached_since = None if reached else self._unreached_since or began
            self._asked.wait(ANCHORS_EVERY)
            self._asked.clear()


def _place(anchor: str) -> tuple[str, int]:
    """Read `host:port`. Raises ValueError."""
    host, _, port = anchor.strip().rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{anchor!r} in PROBER_ANCHORS is no host:port, such as 10.0.0.1:53")
    return host.strip("[]"), int(port)


def _answers(host: str, port: int) -> bool:
    """Whether somebody is there; one who refuses the connection is."""
    with contextlib.suppress(OSError):
        try:
            socket.create_connection((host, port), ANCHOR_SECONDS).close()
        except ConnectionRefusedError:
            return True
        return True
    return False
