"""What stood around a run when it failed, timed out or was lost: what a person would have looked at then.

Each part is taken by itself and says so when it could not be; nothing here can change how a run ends.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from threading import Thread
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from maintenance.connectors.deadline import within
from maintenance.connectors.postgres_activity import read_activity
from maintenance.models import Run, Target
from maintenance.rules import run_states
from zbmaint.queue.door import QUEUES, depth
from zbmaint.queue.presence import alive

log = structlog.get_logger(__name__)
# In all, and for the target alone: a server in trouble is the one that answers late.
TARGET_SECONDS: Final = 6.0
WAIT_SECONDS: Final = 9.0


class Camera:
    """Takes one picture, in a thread of its own, so that nobody waits longer for it than they can."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._thread: Thread | None = None
        self._picture: dict[str, Any] = {}

    def shoot(self, wait_seconds: float) -> None:
        """Begin to take the picture unless that was done; come back when it is there, or after `wait_seconds`."""
        if self._thread is None:
            self._picture = {"taken_at": timezone.now().isoformat()}
            self._thread = Thread(target=self._take, name=f"snapshot-{self._run.pk}", daemon=True)
            self._thread.start()
        self._thread.join(wait_seconds)

    def picture(self) -> dict[str, Any]:
        """The picture, taken now unless it was before. What is not there within 9 s is missing, and says so."""
        self.shoot(WAIT_SECONDS)
        taken = dict(self._picture)
        for name in PARTS:
            taken.setdefault(name, {"problem": f"not read within {WAIT_SECONDS:g} s"})
        return taken

    def _take(self) -> None:
        try:
            for name, read in PARTS.items():
                self._picture[name] = _or_problem(name, read, self._run)
        finally:
            connection.close()


def _or_problem(name: str, read: Callable[[Run], dict[str, Any]], run: Run) -> dict[str, Any]:
    try:
        return read(run)
    except Exception as problem:  # whatever it is, the rest of the picture is worth having
        log.warning("run.snapshot_part_missing", run=run.pk, part=name, problem=type(problem).__name__)
        text = str(problem).strip()
        return {"problem": text.splitlines()[0] if text else type(problem).__name__}


def _target(run: Run) -> dict[str, Any]:
    target = run.target
    if target is None:
        return {}
    if target.kind != Target.Kind.DATABASE:
        return {"problem": f"a {target.get_kind_display()} is not looked into"}
    return within(TARGET_SECONDS, lambda: read_activity(target.reference))


def _host(_run: Run) -> dict[str, Any]:
    disk = shutil.disk_usage(settings.LAYOUT.root if settings.LAYOUT.root.exists() else "/")
    return {
        "name": os.uname().nodename,
        "load": [round(load, 2) for load in os.getloadavg()],
        "processors": os.cpu_count(),
        "disk_bytes": disk.total,
        "disk_free_bytes": disk.free,
        "memory_available_bytes": _memory_available(),
    }


def _memory_available() -> int | None:
    """In bytes, from Linux; None elsewhere."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            found = next((line for line in lines if line.startswith("MemAvailable:")), "")
    except OSError:
        return None
    return int(found.split()[1]) * 1024 if found else None


def _queue(run: Run) -> dict[str, Any]:
    now = timezone.now()
    oldest = Run.objects.filter(state=run_states.QUEUED).order_by("queued_at").first()
    others = Run.objects.filter(state=run_states.RUNNING).exclude(pk=run.pk).select_related("target")[:10]
    return {
        "waiting": {queue: depth(queue) for queue in QUEUES},
        "oldest_wait_seconds": _seconds(now - oldest.queued_at) if oldest else 0,
        "workers": alive("worker").count(),
        "tickers": alive("ticker").count(),
        "other_runs": [
            {"run": other.pk, "task": other.task, "target": other.target.name if other.target else None}
            for other in others
        ],
    }


def _seconds(length: dt.timedelta) -> float:
    return round(length.total_seconds(), 1)


PARTS: Final[dict[str, Callable[[Run], dict[str, Any]]]] = {"target": _target, "host": _host, "queue": _queue}
