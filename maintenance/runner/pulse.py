"""Pulse: the thread that keeps a run's lease, writes its journal, and learns that it has to stop."""

from __future__ import annotations

import time
from threading import Event, Thread

import structlog
from django.db import DatabaseError, connection

from maintenance.actions import runs
from maintenance.models import Run
from maintenance.runner.control import Control
from maintenance.runner.journal import Journal
from maintenance.runner.snapshot import Camera

log = structlog.get_logger(__name__)
FLUSH_SECONDS = 0.5
# How long a run that is out of time goes on so that the picture shows it at work.
SNAPSHOT_SECONDS = 2.0


class Pulse:
    """Beats every quarter of a lease from a connection of its own, while the task works in its threads."""

    def __init__(self, run: Run, journal: Journal, control: Control, camera: Camera, lease_seconds: float) -> None:
        self._run = run
        self._journal = journal
        self._control = control
        self._camera = camera
        self._lease = lease_seconds
        self._done = Event()
        self._thread = Thread(target=self._work, name=f"pulse-{run.pk}", daemon=True)
        self._last_held = time.monotonic()
        self._told = 0

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _work(self) -> None:
        next_beat = 0.0
        try:
            while not self._done.is_set():
                try:
                    if time.monotonic() >= next_beat or self._journal.progress != self._told:
                        self._beat()
                        next_beat = time.monotonic() + self._lease / 4
                    self._look()
                except DatabaseError:
                    self._unreachable()
                self._act()
                self._done.wait(min(FLUSH_SECONDS, self._lease / 8))
        finally:
            connection.close()

    def _beat(self) -> None:
        progress = self._journal.progress
        answer = runs.beat(self._run.pk, self._run.token, progress)
        self._told = progress
        if answer == "gone":
            self._control.stop("gone")
        else:
            self._last_held = time.monotonic()

    def _look(self) -> None:
        """Write what is new and read whether a person asked to stop; both are cheap enough for twice a second."""
        if not self._journal.flush():
            self._control.stop("gone")
        if runs.cancel_is_requested(self._run.pk):
            self._control.stop("cancelled")

    def _unreachable(self) -> None:
        """Our database does not answer. After two leases the reaper may have given the run up, so must we."""
        log.exception("run.own_database_unreachable", run=self._run.pk)
        connection.close()
        if time.monotonic() - self._last_held > 2 * self._lease:
            self._control.stop("gone")

    def _act(self) -> None:
        if self._control.seconds_left() <= 0 and self._control.reason is None:
            # Before its statements are cancelled: what it waited for is still there to be seen.
            self._camera.shoot(min(SNAPSHOT_SECONDS, self._lease / 4))
            self._control.stop("out_of_time")
        if self._control.reason is not None:
            self._control.cancel_statements()
