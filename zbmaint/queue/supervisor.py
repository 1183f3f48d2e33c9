"""The supervisor of one django-q2 cluster.

A cluster that is killed piece by piece leaves orphans that go on working, and one whose process group gets SIGTERM
hangs for ever. So the cluster has a session of its own, dies with the supervisor, gets TERM on its main process alone,
loses its whole group when the main process ends in any way, and is started again. A canary goes through it all the
time: when it does not come back while a worker is free, the cluster is stuck, whatever its processes look like.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from subprocess import Popen
from threading import Event

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from zbmaint import processes
from zbmaint.queue import canary
from zbmaint.queue.door import QueueName
from zbmaint.queue.presence import BEAT_SECONDS, Presence

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.5, 30.0, 60.0  # seconds: between restarts; after which a cluster is steady
# An idle cluster stops within a second; one that does not is stuck, and nothing is lost by killing it.
IDLE_GRACE = 5.0


class Supervisor:
    """Keeps one cluster for `queue` running until `stop` is set."""

    def __init__(self, queue: QueueName, stop: Event) -> None:
        self._queue = queue
        self._stop = stop
        self._presence = Presence("worker", queue)
        self._canary: int | None = None
        self._canary_sent = 0.0
        self._next_beat = 0.0
        self.restarts = 0

    def run(self) -> None:
        """Start the cluster, and again whenever it ends or is stuck; return when told to stop and nothing is left."""
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            started = time.monotonic()
            cluster = self._start()
            why = self._watch(cluster)
            if why == "stop":
                log.info("worker.stopping", queue=self._queue)
                grace = settings.WORKER_GRACE_SECONDS
                processes.stop(cluster, grace_seconds=grace if self._is_busy(cluster.pid) else min(grace, IDLE_GRACE))
                break
            # Killing the group at once is right for both: of a cluster that ended, orphans would work on unseen, and
            # one that is stuck does not hear TERM.
            processes.reap(cluster)
            self.restarts += 1
            pause = FIRST_PAUSE if time.monotonic() - started > STEADY else min(LONGEST_PAUSE, pause * 2)
            log.error("worker.restart", queue=self._queue, why=why, status=cluster.returncode, in_seconds=pause)
            self._forget_canary()
            self._stop.wait(pause)
        self._leave()

    def _start(self) -> Popen[bytes]:
        environment = {**os.environ, "Q_CLUSTER_NAME": self._queue}
        self._canary = None
        return processes.start([sys.executable, settings.BASE_DIR / "manage.py", "qcluster"], env=environment)

    def _watch(self, cluster: Popen[bytes]) -> str:
        """Wait while it works, beating and sending canaries. Returns why to go on: `stop`, `ended` or `stuck`."""
        look_every = min(BEAT_SECONDS, settings.CANARY_SECONDS / 3)
        while not self._stop.is_set():
            if processes.wait_exit(cluster.pid, look_every, self._stop.is_set):
                return "stop" if self._stop.is_set() else "ended"
            try:
                if time.monotonic() >= self._next_beat:
                    self._presence.beat(f"restarted {self.restarts} times" if self.restarts else "")
                    self._next_beat = time.monotonic() + BEAT_SECONDS
                if self._is_stuck(cluster):
                    return "stuck"
            except DatabaseError:
                # Not the cluster's fault: a canary cannot come back while there is no database.
                log.exception("worker.database_unreachable", queue=self._queue)
                connection.close()
                self._canary_sent = time.monotonic()
        return "stop"

    def _is_stuck(self, cluster: Popen[bytes]) -> bool:
        """Send the next canary, or judge by the one that is under way."""
        if self._canary is None:
            if time.monotonic() - self._canary_sent >= settings.CANARY_SECONDS:
                self._canary, self._canary_sent = canary.send(self._queue), time.monotonic()
            return False
        if canary.has_come_back(self._canary):
            self._canary = None
            return False
        if time.monotonic() - self._canary_sent < settings.CANARY_PATIENCE_SECONDS:
            return False
        # A worker at a long run answers nobody; killing it for that would lose the run. A cluster that is stuck beside
        # a busy worker is restarted when that has ended.
        return not self._is_busy(cluster.pid)

    def _is_busy(self, session: int) -> bool:
        try:
            at_work = canary.busy_pids(socket.gethostname())
        except DatabaseError:
            connection.close()
            return True
        for pid in at_work:
            try:
                if os.getsid(pid) == session:
                    return True
            except ProcessLookupError:
                continue
        return False

    def _forget_canary(self) -> None:
        try:
            canary.forget(self._canary)
        except DatabaseError:
            connection.close()
        self._canary_sent = time.monotonic()

    def _leave(self) -> None:
        try:
            canary.forget(self._canary)
            self._presence.leave()
        except DatabaseError:
            connection.close()
