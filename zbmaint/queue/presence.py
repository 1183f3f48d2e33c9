"""Presence: a process says that it lives, and others ask who does."""

from __future__ import annotations

import datetime as dt
import os
import socket

from django.db.models import QuerySet
from django.utils import timezone

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
        Process.objects.update_or_create(
            host=self._host,
            pid=self._pid,
            started_at=self._started_at,
            defaults={"kind": self._kind, "name": self._name, "seen_at": timezone.now(), "note": note[:200]},
        )

    def leave(self) -> None:
        """Remove the row: this process ends because it was asked to."""
        Process.objects.filter(host=self._host, pid=self._pid, started_at=self._started_at).delete()


def alive(kind: str, name: str | None = None) -> QuerySet[Process]:
    """The processes of `kind` (`worker`, `ticker`, `prober`) that have been seen within `ALIVE_SECONDS`."""
    since = timezone.now() - dt.timedelta(seconds=ALIVE_SECONDS)
    rows = Process.objects.filter(kind=kind, seen_at__gte=since)
    return rows.filter(name=name) if name else rows
