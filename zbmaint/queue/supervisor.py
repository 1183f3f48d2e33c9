"""The supervisor of one django-q2 cluster.

A cluster that is killed piece by piece leaves orphans that go on working, and one whose process group gets SIGTERM
hangs for ever. So the cluster has a session of its own, dies with the supervisor, gets TERM on its main process alone,
loses its whole group when the main process ends in any way, and is started again.
"""

from __future__ import annotations

import os
import sys
import time
from subprocess import Popen
from threading import Event

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from zbmaint import processes
from zbmaint.queue.door import QueueName
from zbmaint.queue.presence import BEAT_SECONDS, Presence

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.5, 30.0, 60.0  # seconds: between restarts; after which a cluster is steady


class Supervisor:
    """Keeps one cluster for `queue` running until `stop` is set."""

    def __init__(self, queue: QueueName, stop: Event) -> None:
        self._queue = queue
        self._stop = stop
        self._presence = Presence("worker", queue)
        self.restarts = 0

    def run(self) -> None:
        """Start the cluster, and again whenever it ends; return when told to stop and nothing of it is left."""
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            started = time.monotonic()
            cluster = self._start()
            if self._watch(cluster):
                log.info("worker.stopping", queue=self._queue)
                processes.stop(cluster, grace_seconds=settings.WORKER_GRACE_SECONDS)
                break
            processes.reap(cluster)
            self.restarts += 1
            pause = FIRST_PAUSE if time.monotonic() - started > STEADY else min(LONGEST_PAUSE, pause * 2)
            log.error("worker.cluster_ended", queue=self._queue, status=cluster.returncode, restart_in_seconds=pause)
            self._stop.wait(pause)
        self._say(leave=True)

    def _start(self) -> Popen[bytes]:
        environment = {**os.environ, "Q_CLUSTER_NAME": self._queue}
        return processes.start([sys.executable, settings.BASE_DIR / "manage.py", "qcluster"], env=environment)

    def _watch(self, cluster: Popen[bytes]) -> bool:
        """Wait while it runs, beating. True when told to stop, False when the cluster ended by itself."""
        while not self._stop.is_set():
            self._say()
            if processes.wait_exit(cluster.pid, BEAT_SECONDS, self._stop.is_set):
                return self._stop.is_set()
        return True

    def _say(self, *, leave: bool = False) -> None:
        """Keep the presence row; an unreachable database is no reason to end a worker."""
        try:
            if leave:
                self._presence.leave()
            else:
                self._presence.beat(f"restarted {self.restarts} times" if self.restarts else "")
        except DatabaseError:
            log.exception("worker.database_unreachable", queue=self._queue)
            connection.close()
