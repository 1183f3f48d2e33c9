"""What may be done to a run. Every change of its state goes through here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from maintenance import alerts, notices
from maintenance.actions import freezes
from maintenance.models import Category, Finding, Origin, Run, RunStep, ScheduledTask, Target
from maintenance.rules import run_states
from maintenance.task import Task
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.queue.door import enqueue
from zbmaint.queue.locks import transaction_lock

JOB = "maintenance.jobs.execute_run"


class RunRefused(Exception):
    """What was asked of a run cannot be done. The message is for people; `run` is the one in the way, if any."""

    def __init__(self, message: str, run: Run | None = None) -> None:
        super().__init__(message)
        self.run = run


@dataclass(frozen=True)
class Terms:
    """What a schedule says about a run, beyond the task's own: more lock groups, retries, a time limit in seconds."""

    lock_groups: tuple[str, ...] = ()
    retries: int = 0
    timeout_seconds: int | None = None


def terms_of(scheduled: ScheduledTask) -> Terms:
    """What a scheduled task says about its runs."""
    return Terms(
        lock_groups=tuple(scheduled.lock_groups),
        retries=scheduled.retries,
        timeout_seconds=scheduled.timeout_minutes * 60 if scheduled.timeout_minutes else None,
    )


@transaction.atomic
def request(
    task: Task,
    target: Target | None,
    *,
    actor: Person | None,
    origin: Origin,
    parameters: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    queue: bool = True,
    terms: Terms = Terms(),
) -> Run:
    """Ask for a run of `task` on `target`; with `queue` it is handed to the workers in the same transaction.

    Raises RunRefused when the target does not fit the task, is retired or frozen, a parameter is out of bounds, or an
    active run holds one of the lock groups.
    """
    _check_target(task, target)
    values = check_parameters(task, parameters or {})
    locks = lock_groups_of(task, target, terms.lock_groups)
    _check_freeze(task, target)
    _check_way(task, target, locks)
    run = Run.objects.create(
        task=task.key,
        target=target,
        parameters=values,
        dry_run=dry_run,
        origin=origin,
        requested_by=actor,
        lock_groups=locks,
        retries=terms.retries,
        timeout_seconds=terms.timeout_seconds or int(task.timeout.total_seconds()),
    )
    for position, (key, name) in enumerate(task.steps, start=1):
        RunStep.objects.create(run=run, position=position, key=key, name=name)
    record("run_requested", run, actor, after={"task": task.key, "target": target.name if target else None, **values})
    if queue:
        enqueue(JOB, run.pk, str(run.token), queue="long")
    return run


def lock_groups_of(task: Task, target: Target | None, more: Iterable[str] = ()) -> list[str]:
    """The names that a run of `task` on `target` holds alone: the task's own and `more`."""
    return sorted({*task.iter_locks(target), *more})


def _check_freeze(task: Task, target: Target | None) -> None:
    now = timezone.now()
    category = Category.objects.filter(key=task.category).first()
    frozen = freezes.over(freezes.holding(now), target, category)
    if frozen is not None:
        until = f"{frozen.ends_at:%d %b %Y, %H:%M} UTC"
        raise RunRefused(f"Frozen until {until}: {frozen.reason}. Lift the freeze first, or wait.")


def _check_way(task: Task, target: Target | None, locks: list[str]) -> None:
    """Refuse while an active run is in the way. Two people who press the button at once come one after the other."""
    for name in locks:
        transaction_lock(f"request:{name}")
    in_the_way = Run.objects.active().filter(lock_groups__has_any_keys=locks).first() if locks else None
    if in_the_way is None:
        return
    if in_the_way.task == task.key and in_the_way.target == target:
        raise RunRefused(f"{in_the_way} of this task on {target} is {in_the_way.state} already.", in_the_way)
    raise RunRefused(f"{in_the_way} ({in_the_way.task}) holds {', '.join(locks)}; wait for its end.", in_the_way)


@transaction.atomic
def request_not_configured(
    task_key: str, target: Target | None, *, origin: Origin, verdict: str, actor: Person | None = None
) -> Run:
    """Record a run that ends as `not_configured` without work: what it needs is missing, and `verdict` says what."""
    run = Run.objects.create(
        task=task_key, target=target, origin=origin, requested_by=actor, timeout_seconds=1, verdict=verdict
    )
    run.state = run_states.NOT_CONFIGURED
    _close(run, timezone.now())
    record("run_not_configured", run, actor, after={"task": task_key, "verdict": verdict})
    return run


def _check_target(task: Task, target: Target | None) -> None:
    if task.needs and target is None:
        raise RunRefused(f"{task.title} needs a target: choose a {task.needs}.")
    if target is not None and target.kind != task.needs:
        raise RunRefused(f"{task.title} does not work on {target}. That is: {target.get_kind_display()}.")
    if target is not None and target.retired_at is not None:
        raise RunRefused(f"{target} is retired. Restore it in admin before working on it.")


def check_parameters(task: Task, given: Mapping[str, Any]) -> dict[str, int]:
    """Complete `given` with the task's defaults; raises RunRefused naming the parameter that is unknown or wrong."""
    known = {parameter.key: parameter for parameter in task.parameters}
    for key in given:
        if key not in known:
            names = ", ".join(sorted(known)) or "none"
            raise RunRefused(f"{task.key} has no parameter {key!r}. It has: {names}.")
    values: dict[str, int] = {}
    for key, parameter in known.items():
        try:
            value = int(given.get(key, parameter.default))
        except (TypeError, ValueError):
            raise RunRefused(f"{key} must be a whole number, not {given[key]!r}.") from None
        if not parameter.minimum <= value <= parameter.maximum:
            raise RunRefused(f"{key} must be from {parameter.minimum} to {parameter.maximum}, not {value}.")
        values[key] = value
    return values


@transaction.atomic
def claim(run_id: int, token: str, worker: str) -> Run | None:
    """Take a queued run for this worker. None when the token is not (or no longer) the run's: a duplicate message."""
    now = timezone.now()
    taken = Run.objects.filter(pk=run_id, token=token, state=run_states.QUEUED).update(
        state=run_states.RUNNING, worker=worker, started_at=now, heartbeat_at=now
    )
    return Run.objects.select_related("target").get(pk=run_id) if taken else None


def beat(run_id: int, token: uuid.UUID, progress: int) -> str:
    """Renew the lease. Returns `held`, `cancel` (a person asked to stop) or `gone` (the run is not ours any more)."""
    mine = Run.objects.filter(pk=run_id, token=token, state=run_states.RUNNING)
    if not mine.update(heartbeat_at=timezone.now(), progress=progress):
        return "gone"
    return "cancel" if mine.filter(cancel_requested_at__isnull=False).exists() else "held"


@transaction.atomic
def finish(
    run_id: int,
    token: uuid.UUID,
    state: str,
    *,
    verdict: str,
    error: str = "",
    report: dict[str, Any] | None = None,
    facts: list[dict[str, Any]] | None = None,
    snapshot: dict[str, Any] | None = None,
    announce: bool = False,
    news: Sequence[Finding] = (),
) -> bool:
    """End a run with `state`; with `announce` the monitoring webhook is told.

    `news` are the findings that it brought and people are told of. False, and nothing written, when it is not ours any
    more (lost, or ended already).
    """
    run = Run.objects.select_for_update().filter(pk=run_id, token=token).first()
    if run is None or not run_states.may_follow(run.state, state):
        return False
    run.state = state
    run.verdict, run.error = verdict, error
    if report is not None:
        run.report = report
    if facts is not None:
        run.facts = facts
    run.snapshot = snapshot or {}
    _close(run, timezone.now(), news)
    record(f"run_{state}", run, None, after={"verdict": verdict})
    if announce:
        notices.run_finished(run)
    return True


def _close(run: Run, now: dt.datetime, news: Sequence[Finding] = ()) -> None:
    """Set what every ended run has: the time, no lease, and no step left open. People are told when they have to be."""
    run.finished_at = now
    if run.state in (run_states.SUCCEEDED, run_states.WARNING):
        run.progress = 100
    run.save()
    ended = RunStep.State.CANCELLED if run.state == run_states.CANCELLED else RunStep.State.FAILED
    run.steps.filter(state=RunStep.State.RUNNING).update(state=ended, finished_at=now)
    run.steps.filter(state=RunStep.State.PENDING).update(state=RunStep.State.SKIPPED, note="not reached")
    alerts.run_ended(run, news)


@transaction.atomic
def request_cancel(run: Run, actor: Person | None) -> Run:
    """Cancel a queued run at once; ask the worker of a running one to stop. Raises RunRefused when it has ended."""
    run = Run.objects.select_for_update().get(pk=run.pk)
    now = timezone.now()
    if not run.is_active:
        raise RunRefused(f"{run} has ended already: {run.get_state_display()}.", run)
    if run.cancel_requested_at is None:
        run.cancel_requested_at, run.cancel_requested_by = now, actor
        record("run_cancel_requested", run, actor)
    if run.state == run_states.QUEUED:
        run.state, run.verdict = run_states.CANCELLED, "Cancelled before it began. Nothing was changed."
        _close(run, now)
    else:
        run.save()
    return run


@transaction.atomic
def mark_lost(
    run_id: int,
    token: uuid.UUID,
    stale_before: dt.datetime,
    verdict: str,
    *,
    snapshot: dict[str, Any] | None = None,
    announce: bool = False,
) -> bool:
    """End a running run whose lease has run out; with `announce` the monitoring webhook is told.

    False when it beat again or ended in the meantime.
    """
    run = (
        Run.objects.select_for_update()
        .filter(pk=run_id, token=token, state=run_states.RUNNING, heartbeat_at__lt=stale_before)
        .first()
    )
    if run is None:
        return False
    run.state, run.verdict, run.error = run_states.LOST, verdict, "The worker stopped proving that it lives."
    run.snapshot = snapshot or {}
    # Another token: whatever the dead worker still has in hand can write nothing any more.
    run.token = uuid.uuid4()
    _close(run, timezone.now())
    record("run_lost", run, None, after={"verdict": verdict, "worker": run.worker})
    if announce:
        notices.run_finished(run)
    return True


@transaction.atomic
def refuse_to_start(run_id: int, token: str, state: str, reason: str) -> bool:
    """End a queued run without work, as `skipped`, `not_configured` or `failed`. False when it is not queued."""
    run = Run.objects.select_for_update().filter(pk=run_id, token=token, state=run_states.QUEUED).first()
    if run is None:
        return False
    run.state, run.verdict = state, reason
    _close(run, timezone.now())
    record(f"run_{state}", run, None, after={"verdict": reason})
    return True


def cancel_is_requested(run_id: int) -> bool:
    """Whether a person asked this run to stop."""
    return Run.objects.filter(pk=run_id, cancel_requested_at__isnull=False).exists()


@transaction.atomic
def queue_again(run_id: int, token: uuid.UUID) -> bool:
    """Send a queued run to the workers again, with a new token, so that an old message can do nothing any more."""
    run = Run.objects.select_for_update().filter(pk=run_id, token=token, state=run_states.QUEUED).first()
    if run is None:
        return False
    run.token = uuid.uuid4()
    run.save(update_fields=["token"])
    enqueue(JOB, run.pk, str(run.token), queue="long")
    record("run_queued_again", run, None)
    return True


def count_attempt(run_id: int, token: uuid.UUID, attempt: int) -> None:
    """Write down that a running run has begun its next attempt."""
    Run.objects.filter(pk=run_id, token=token, state=run_states.RUNNING).update(attempt=attempt)


@transaction.atomic
def try_lost_again(run_id: int, token: uuid.UUID, stale_before: dt.datetime) -> bool:
    """Queue the next attempt of a run whose worker died, when it changes nothing and has attempts left."""
    run = (
        Run.objects.select_for_update()
        .filter(pk=run_id, token=token, state=run_states.RUNNING, heartbeat_at__lt=stale_before)
        .first()
    )
    if run is None or run.attempt > run.retries:
        return False
    record("run_attempt_lost", run, None, after={"attempt": run.attempt, "worker": run.worker})
    run.state, run.token, run.attempt = run_states.QUEUED, uuid.uuid4(), run.attempt + 1
    run.worker, run.heartbeat_at, run.queued_at = "", None, timezone.now()
    run.save()
    run.steps.update(state=RunStep.State.PENDING, note="", done=None, total=None, started_at=None, finished_at=None)
    enqueue(JOB, run.pk, str(run.token), queue="long")
    return True
