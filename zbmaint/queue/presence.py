"""Presence: a process says that it lives, and others ask who does."""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from threading import Thread

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.utils import timezone

from zbmaint.queue.footprint import footprint
from zbmaint.queue.models import Process

BEAT_SECONDS = 5.0
# A process that has not been seen for three beats is not counted on any more.
ALIVE_SECONDS = 3 * BEAT_SECONDS


class Presence:
    """The row of this process. `beat` it every `BEAT_SECONDS`; `leave` when ending well."""

    def __init__(self, kind: str, name: str) -> None:
        self._kind, self._name = kind, name
        self._host, self._pid = socket.gethostname(), os.getpid()
        self._started_at = timezone.now()

    def beat(self, note: str = "") -> None:
        """Say that this process lives; `note` says what it is busy with. Makes a removed row anew."""
        taken = footprint()
        Process.objects.update_or_create(
            host=self._host,
            pid=self._pid,
            started_at=self._started_at,
            defaults={
                "kind": self._kind,
                "name": self._name,
                "seen_at": timezone.now(),
                "note": note[:200],
                "memory_bytes": taken.memory_bytes if taken else None,
                "threads": taken.threads if taken else None,
            },
        )

    def leave(self) -> None:
        """Remove the row: this process ends because it was asked to."""
        Process.objects.filter(host=self._host, pid=self._pid, started_at=self._started_at).delete()


def living() -> QuerySet[Process]:
    """The processes that have been seen within `ALIVE_SECONDS`."""
    return Process.objects.filter(seen_at__gte=timezone.now() - dt.timedelta(seconds=ALIVE_SECONDS))


def alive(kind: str, name: str | None = None) -> QuerySet[Process]:
    """Those of them that are of `kind` (`worker`, `ticker`, `prober`, `web`)."""
    rows = living().filter(kind=kind)
    return rows.filter(name=name) if name else rows


def beat_beside(kind: str, name: str) -> None:
    """Let a thread say that this process lives, for one that has no loop of its own. It ends with the process."""
    Thread(target=_beat_on, args=(Presence(kind, name),), name="presence", daemon=True).start()


def _beat_on(presence: Presence) -> None:
    while True:
        try:
            presence.beat()
        except (DatabaseError, InterfaceError):
            # Whoever asks the web server for anything hears of it.
            connection.close()
        time.sleep(BEAT_SECONDS)
