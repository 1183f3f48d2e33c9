"""The reaper: turns runs whose worker died into `lost`, and sends queued runs again whose message vanished."""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.db import connection

from maintenance.actions import runs
from maintenance.connectors.postgres import ConnectionProblem, end_sessions
from maintenance.models import Run
from maintenance.rules import run_states
from maintenance.rules.amounts import count
from maintenance.runner.snapshot import Camera
from maintenance.tasks.catalog import CATALOG
from zbmaint.queue.capacity import capacity
from zbmaint.queue.door import lost

log = structlog.get_logger(__name__)


def reap(now: dt.datetime) -> None:
    """Give up what is dead. A lease that was not renewed for two leases is dead; the whole takes less than three."""
    lease = dt.timedelta(seconds=settings.RUN_LEASE_SECONDS)
    stale_before = now - 2 * lease
    running = Run.objects.filter(state=run_states.RUNNING, heartbeat_at__lt=stale_before)
    for run in running.select_related("target"):
        task = CATALOG.get(run.task)
        may_repeat = task is not None and not task.changes_things and run.attempt <= run.retries
        # Taken first: what the dead worker left at work on the target is the best of it.
        picture = {} if may_repeat else Camera(run).picture()
        left = _end_what_it_left(run)
        if may_repeat and runs.try_lost_again(run.pk, run.token, stale_before):
            log.warning("run.attempt_lost", run=run.pk, worker=run.worker)
            continue
        verdict = f"Lost: worker {run.worker} died. {left} It is not repeated by itself."
        announce = task is not None and task.announces
        if runs.mark_lost(run.pk, run.token, stale_before, verdict, snapshot=picture, announce=announce):
            log.error("run.lost", run=run.pk, worker=run.worker)
    _send_again(now, lease)


def _send_again(now: dt.datetime, lease: dt.timedelta) -> None:
    """Send queued runs again whose message vanished, or lies in a cluster that does not come to it while others could.

    The new message has a new token, so the old one does nothing when it turns up after all.
    """
    waiting = list(Run.objects.filter(state=run_states.QUEUED, queued_at__lt=now - 3 * lease))
    if not waiting:
        return
    others_could = capacity() > Run.objects.filter(state=run_states.RUNNING).count()
    calls = {(run.pk, str(run.token)): run for run in waiting}
    gone = lost("long", runs.JOB, calls.keys(), now - 3 * lease if others_could else None)
    for call, run in calls.items():
        if call in gone:
            runs.queue_again(run.pk, run.token)


def _end_what_it_left(run: Run) -> str:
    """End the run's sessions on the target and its lock session here, before anything else may work on the target."""
    with connection.cursor() as cursor:
        # A frozen worker still holds its locks; its session is ended so that they are free.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [f"zbmaint:lock:run-{run.pk}"],
        )
    if run.target is None:
        return ""
    try:
        ended = end_sessions(run.target.reference, f"zbmaint:run-{run.pk}:")
    except ConnectionProblem as problem:
        return f"What it left on the target could not be checked: {problem}"
    if not ended:
        return "It left nothing behind on the target."
    return f"It left {count(len(ended), 'session')} on the target, which {'was' if len(ended) == 1 else 'were'} ended."
