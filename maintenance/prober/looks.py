"""Looks under way: each in a thread of its own, given up when its time is over.

A call that hangs cannot be stopped from outside. So it is left to its thread, whose result nobody waits for any more;
while that thread lives its probe gets no other one, so that no probe ever has more than one look that hangs.

What a target tells by the way is asked for when the look is over and told: the thread goes on with it, in a share of
the time-out. Whatever becomes of that, the next look begins when it is due; it asks for no numbers while others are
being asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final

import structlog

from maintenance.prober.recording import Told
from maintenance.prober.slots import Slot
from maintenance.probes.catalog import KINDS
from maintenance.probes.kind import Look, Order, down
from maintenance.rules.probe_states import UNKNOWN

log = structlog.get_logger(__name__)

# A kind ends its look by itself when its time is over, and says more about it than who gives it up.
GRACE_SECONDS: Final = 0.5
# What has not answered by then hangs, most likely: it does not keep others from beginning.
YOUNG_SECONDS: Final = 2.0
# Numbers get at most this share of the time-out, of what the look has left of it; with less than so many seconds they
# are not asked for.
NUMBERS_SHARE, NUMBERS_SECONDS = 0.5, 0.5


@dataclass(frozen=True)
class Seen:
    """What a look saw, how long it took, and when it began and ended by the monotonic clock (seconds)."""

    slot: Slot
    look: Look
    began: float
    ended: float

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        return round((self.ended - self.began) * 1000)


@dataclass
class _UnderWay:
    slot: Slot
    began: float
    thread: Thread


class Looks:
    """`at_once` looks may be young at a time, and five times as many under way: those that hang delay no others."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._under_way: dict[int, _UnderWay] = {}
        self._given_up: dict[int, Thread] = {}
        self._done: SimpleQueue[Seen] = SimpleQueue()
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._telling: set[int] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def room(self) -> int:
        """How many may begin now."""
        since = time.monotonic() - YOUNG_SECONDS
        young = sum(1 for each in self._under_way.values() if each.began > since)
        return max(0, min(self._at_once - young, 5 * self._at_once - len(self)))

    def begin(self, slot: Slot) -> None:
        """Look at what `slot` asks for, unless the look of the slot before still goes on: that one tells of both."""
        if slot.probe in self._under_way:
            return
        began = time.monotonic()
        thread = Thread(target=self._look, args=(slot, began), name=f"look-{slot.probe}", daemon=True)
        self._under_way[slot.probe] = _UnderWay(slot, began, thread)
        stuck = self._given_up.get(slot.probe)
        if stuck is not None and stuck.is_alive():
            look = down("The look before this one has not come back.", answered=False)
            self._done.put(Seen(slot, look, began, time.monotonic()))
        else:
            self._given_up.pop(slot.probe, None)
            thread.start()

    def _look(self, slot: Slot, began: float) -> None:
        order = Order(slot.parameters, slot.timeout, slot.reference)
        try:
            look = KINDS[slot.kind].look(order)
        except Exception as error:  # a mistake of ours is no outage of theirs
            log.exception("probe.look_failed", probe=slot.probe, kind=slot.kind)
            look = Look(UNKNOWN, f"The look itself failed ({type(error).__name__}).")
        ended = time.monotonic()
        self._done.put(Seen(slot, look, began, ended))
        seconds = min(slot.timeout - (ended - began), slot.timeout * NUMBERS_SHARE)
        if look.numbers is not None and seconds >= NUMBERS_SECONDS:
            self._ask(slot, look.numbers, seconds)

    def _ask(self, slot: Slot, numbers: Callable[[float], Mapping[str, float]], seconds: float) -> None:
        with self._lock:
            if slot.probe in self._telling:
                return
            self._telling.add(slot.probe)
        try:
            figures = numbers(seconds)
        except Exception:  # a mistake of ours, and no matter of the look
            log.exception("probe.numbers_failed", probe=slot.probe, kind=slot.kind)
            figures = {}
        with self._lock:
            self._telling.discard(slot.probe)
        if figures:
            self._told.put(Told(slot.probe, slot.at, figures))

    def told(self) -> list[Told]:
        """What targets have told by the way since the last call."""
        return [self._told.get_nowait() for _ in range(self._told.qsize())]

    def gather(self, seconds: float) -> list[Seen]:
        """What has been seen, after waiting at most `seconds` for the first; those whose time is over are given up."""
        gathered: list[Seen] = []
        wait = seconds
        while True:
            try:
                seen = self._done.get(timeout=wait) if wait > 0 else self._done.get_nowait()
            except Empty:
                break
            wait = 0.0
            current = self._under_way.get(seen.slot.probe)
            # What was given up may come back while its successor is under way.
            if current is not None and current.slot is seen.slot:
                del self._under_way[seen.slot.probe]
                gathered.append(seen)
        return gathered + self._give_up()

    def _give_up(self) -> list[Seen]:
        now = time.monotonic()
        late = [each for each in self._under_way.values() if now - each.began > each.slot.timeout + GRACE_SECONDS]
        for each in late:
            del self._under_way[each.slot.probe]
            self._given_up[each.slot.probe] = each.thread
        says = "No answer within {:g} s."
        return [Seen(each.slot, down(says.format(each.slot.timeout), answered=False), each.began, now) for each in late]
