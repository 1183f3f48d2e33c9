"""`execute`: one run from claim to end."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from maintenance.actions import findings, runs
from maintenance.models import Run
from maintenance.rules import run_states
from maintenance.runner.context import RunContext, first_line
from maintenance.runner.control import Control
from maintenance.runner.journal import Journal
from maintenance.runner.pulse import Pulse
from maintenance.runner.snapshot import Camera
from maintenance.task import OutOfTime, Task, TaskFailed
from maintenance.tasks.catalog import CATALOG
from zbmaint.queue.locks import Locks

log = structlog.get_logger(__name__)


@dataclass
class _Ending:
    """How a run ends: its state and what people read."""

    state: str
    verdict: str
    error: str = ""
    examined: frozenset[str] = field(default_factory=frozenset)


def execute(run_id: int, token: str) -> None:
    """Carry out a queued run. A second call with the same or an old token does nothing."""
    run = Run.objects.select_related("target").filter(pk=run_id, token=token, state=run_states.QUEUED).first()
    if run is None:
        log.info("run.duplicate_message", run=run_id)
        return
    task = CATALOG.get(run.task)
    if task is None:
        runs.refuse_to_start(run_id, token, run_states.FAILED, f"There is no task {run.task!r} in this version.")
        return
    with Locks(f"run-{run_id}") as locks:
        held = locks.acquire(f"group:{name}" for name in task.iter_locks(run.target))
        if held is not None:
            reason = f"Skipped: {held.removeprefix('group:')} is locked by another run."
            runs.refuse_to_start(run_id, token, run_states.SKIPPED, reason)
            return
        claimed = runs.claim(run_id, token, f"{socket.gethostname()}:{os.getpid()}")
        if claimed is not None:
            _work(task, claimed)


def _work(task: Task, run: Run) -> None:
    journal, control, camera = Journal(run), Control(run.timeout_seconds), Camera(run)
    picture: dict[str, Any] = {}
    with Pulse(run, journal, control, camera, settings.RUN_LEASE_SECONDS):
        ending = _attempts(task, run, journal, control)
        if ending.state in (run_states.FAILED, run_states.TIMED_OUT):
            picture = camera.picture()
        if ending.error:
            journal.line(ending.error, "error")
        journal.line(ending.verdict, "info" if ending.state == run_states.SUCCEEDED else "warn")
    if control.reason == "gone":
        log.error("run.gone", run=run.pk)
        return
    _until_written(lambda: _finish(task, run, journal, ending, picture), settings.RUN_LEASE_SECONDS * 3)


def _attempts(task: Task, run: Run, journal: Journal, control: Control) -> _Ending:
    """Try as often as the run may, within the one run and its one time limit. Only a failure is tried again."""
    while True:
        ending = _attempt(task, RunContext(run, journal, control), control)
        if ending.state != run_states.FAILED or run.attempt > run.retries:
            return ending
        pause = settings.RUN_RETRY_SECONDS * 2 ** (run.attempt - 1)
        journal.line(ending.error or ending.verdict, "error")
        journal.line(f"Attempt {run.attempt} of {run.retries + 1} failed. The next one is in {pause:g} s.", "warn")
        if control.wait(pause):
            return STOPPED[control.reason] if control.reason else ending
        run.attempt += 1
        runs.count_attempt(run.pk, run.token, run.attempt)
        journal.begin_again()


def _attempt(task: Task, context: RunContext, control: Control) -> _Ending:
    """Call the task and turn whatever comes out into a state. Nothing escapes: an unfinished run would be a lie."""
    try:
        outcome = task.run(context)
    except BaseException as problem:
        ending = _stopped(control) or _broken(problem)
        if ending.error:
            log.exception("run.task_error", run=context.run_id)
        return ending
    return _Ending(outcome.state, outcome.verdict, examined=outcome.examined)


STOPPED = {
    "cancelled": _Ending(run_states.CANCELLED, "Cancelled. What was done before stays done."),
    "out_of_time": _Ending(run_states.TIMED_OUT, "Stopped at its time limit. What was done before stays done."),
    "gone": _Ending(run_states.LOST, "The run was given up."),
}


def _stopped(control: Control) -> _Ending | None:
    """The ending of a run that was told to stop: an error that the stop itself caused is not a failure."""
    return STOPPED[control.reason] if control.reason else None


def _broken(problem: BaseException) -> _Ending:
    """The ending of a run whose task raised `problem` by itself."""
    kind = type(problem).__name__
    match problem:
        case TaskFailed():
            return _Ending(run_states.FAILED, str(problem))
        case OutOfTime():
            return STOPPED["out_of_time"]
        case KeyboardInterrupt():
            return STOPPED["cancelled"]
        case SystemExit():  # django-q2's hard time-out is a SystemExit
            return _Ending(run_states.TIMED_OUT, f"Stopped by the worker: {first_line(problem)}")
        case psycopg.OperationalError():
            return _Ending(run_states.FAILED, f"The connection to the target was lost: {first_line(problem)}", kind)
        case _:
            return _Ending(run_states.FAILED, f"The task ended with an error: {first_line(problem)}", kind)


def _finish(task: Task, run: Run, journal: Journal, ending: _Ending, picture: dict[str, Any]) -> None:
    """Write the end: journal, findings, state. All of it may be repeated after an error.

    Findings and end are one transaction: a run that was given up leaves no finding of which nobody is told.
    """
    if not journal.flush():
        return
    with transaction.atomic():
        found = findings.record_sightings(run, journal.sightings, ending.examined)
        ended = runs.finish(
            run.pk,
            run.token,
            ending.state,
            verdict=ending.verdict,
            error=ending.error,
            report={**journal.report, "findings": [findings.as_json(finding) for finding in found]},
            facts=list(journal.facts.values()),
            snapshot=picture,
            announce=task.announces,
            news=findings.news(run, found),
        )
        if not ended:
            transaction.set_rollback(True)


def _until_written(write: Callable[[], None], seconds: float) -> None:
    """Call `write` until our database takes it; after `seconds` the reaper has given the run up anyway."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            write()
        except DatabaseError:
            log.exception("run.end_not_written")
            connection.close()
            if time.monotonic() > give_up:
                raise
            Event().wait(1.0)
        else:
            return
