"""The loop of the prober. It alone uses Django's connection; the looks go on in threads that use none."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from maintenance.actions import outages
from maintenance.prober import slots
from maintenance.prober.doubt import Doubt
from maintenance.prober.looks import Looks, Seen
from maintenance.prober.recording import Read, Told, keep_told, store
from maintenance.probes.catalog import KINDS
from maintenance.rules.probe_states import DEGRADED, DOWN, NO_NETWORK, UNKNOWN, UP
from zbmaint.queue.presence import BEAT_SECONDS, Presence
from zbmaint.ui.words import duration

log = structlog.get_logger(__name__)

# How often slots are asked for, and how soon again when there were more than there was room for.
POLL_SECONDS, POLL_SOON_SECONDS = 1.0, 0.1
STORE_SECONDS: Final = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
# Readings that are kept while our database is away; more would say less and less.
MOST_KEPT: Final = 5_000
# What a database that is away raises; anything else it would raise again.
AWAY: Final = (OperationalError, InterfaceError)
# After it is told to stop, what is under way gets this long.
LEAVE_SECONDS: Final = 2.0
# An outage that could not be told is told again after this.
TELL_AGAIN_SECONDS: Final = 30.0


class Prober:
    """Takes slots, looks, stores, tells; until `stop` is set. `at_once` looks may begin at a time."""

    def __init__(self, stop: Event, at_once: int, anchors: Sequence[str] = ()) -> None:
        self._stop = stop
        self._looks = Looks(at_once)
        self._doubt = Doubt(anchors)
        self._presence = Presence("prober", "prober")
        self._doubtful: list[Seen] = []
        self._kept: list[Read] = []
        self._told: list[Told] = []
        self.dropped = 0
        self._pause = FIRST_PAUSE
        self._database_at = self._poll_at = self._store_at = self._beat_at = 0.0
        self._untold: dict[int, float] = {}

    def run(self) -> None:
        """Turn until told to stop, then store what comes within two seconds and leave."""
        self._doubt.start()
        while not self._stop.is_set():
            self.turn()
        until = time.monotonic() + LEAVE_SECONDS
        while len(self._looks) and time.monotonic() < until:
            self._gather(0.1)
        self._store_at = self._database_at = 0.0
        self._database(self._store)
        self._database(self._keep_told)
        self._database(self._presence.leave)
        self._doubt.stop()

    def turn(self) -> None:
        """Do once what is due."""
        now = time.monotonic()
        if now >= self._database_at:
            if now >= self._beat_at:
                self._beat_at = now + BEAT_SECONDS
                self._database(self._beat)
            if now >= self._store_at:
                self._store_at = now + STORE_SECONDS
                self._database(self._store)
                self._database(self._keep_told)
            if now >= self._poll_at:
                self._poll_at = now + POLL_SECONDS
                self._database(self._begin)
        wait = max(self._poll_at, self._database_at) - time.monotonic()
        self._gather(max(0.05, min(wait, POLL_SECONDS)))

    # -- the database -------------------------------------------------------------------------------------------------

    def _database(self, work: Callable[[], None]) -> None:
        """Do `work`; when the database is away, let it rest for a while, longer each time."""
        if time.monotonic() < self._database_at:
            return
        try:
            work()
            self._pause = FIRST_PAUSE
        except (DatabaseError, InterfaceError) as error:
            away = isinstance(error, AWAY)
            log.warning("prober.database_away", why=type(error).__name__, in_seconds=self._pause, exc_info=not away)
            self._database_at = time.monotonic() + self._pause
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            connection.close()

    def _beat(self) -> None:
        said = [NO_NETWORK] * self._doubt.blind + [f"{self.dropped} readings lost"] * bool(self.dropped)
        self._presence.beat(", ".join(said))
        slots.move_on()
        # What another prober has stored and not told, before it died.
        self._tell()

    def _begin(self) -> None:
        room = self._looks.room
        taken = slots.take(room) if room else []
        for slot in taken:
            self._looks.begin(slot)
        if len(taken) == room:
            self._poll_at = time.monotonic() + POLL_SOON_SECONDS

    def _store(self) -> None:
        if not self._kept:
            return
        reads, self._kept = self._kept, []
        try:
            store(reads)
        except AWAY:
            self._keep(reads)
            raise
        except DatabaseError:
            self._lose(len(reads))
            raise
        self._tell()

    def _keep_told(self) -> None:
        """Keep the numbers of applications. Those that cannot be kept are lost: they are asked for again and again."""
        told, self._told = self._told, []
        if told:
            keep_told(told)

    def _tell(self) -> None:
        """Let outages begin and end. One that cannot be told keeps no other from it."""
        for probe in outages.unsettled():
            if time.monotonic() < self._untold.get(probe, 0.0):
                continue
            try:
                outages.settle(probe)
                self._untold.pop(probe, None)
            except AWAY:
                raise
            except Exception:  # whatever it is, the readings go on
                log.exception("prober.outage_not_told", probe=probe)
                self._untold[probe] = time.monotonic() + TELL_AGAIN_SECONDS

    # -- what was seen ------------------------------------------------------------------------------------------------

    def _gather(self, seconds: float) -> None:
        waiting, self._doubtful = self._doubtful, []
        self._told = [*self._told, *self._looks.told()][-MOST_KEPT:]
        for seen in [*waiting, *self._looks.gather(seconds)]:
            read = self._judged(seen)
            if read is None:
                self._doubtful.append(seen)
            else:
                self._keep([read])

    def _judged(self, seen: Seen) -> Read | None:
        """What the look means; None while it is not known whether the prober itself has a network."""
        state, reason, slot = seen.look.state, seen.look.reason, seen.slot
        if state == DOWN and not seen.look.answered:
            if self._doubt.stood_still(seen.began, seen.ended):
                state, reason = UNKNOWN, "The prober stood still meanwhile."
            elif KINDS[slot.kind].remote:
                cut_off = self._doubt.cut_off(seen.ended)
                if cut_off is None:
                    return None
                if cut_off:
                    state, reason = UNKNOWN, f"The prober itself has no network. {reason}"
        elif state == UP and slot.slow_ms is not None and seen.milliseconds > slot.slow_ms:
            slow = f"slow is more than {duration(slot.slow_ms / 1000)}"
            state, reason = DEGRADED, f"It answered after {duration(seen.milliseconds / 1000)}; {slow}."
        return Read(slot.probe, slot.at, state, reason, seen.milliseconds)

    def _keep(self, reads: list[Read]) -> None:
        self._kept += reads
        if len(self._kept) > MOST_KEPT:
            self._lose(len(self._kept) - MOST_KEPT)
            del self._kept[: len(self._kept) - MOST_KEPT]

    def _lose(self, number: int) -> None:
        self.dropped += number
        log.warning("prober.readings_lost", number=number, altogether=self.dropped)
