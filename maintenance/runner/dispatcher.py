"""Dispatching: every due occurrence starts, waits with a reason, is skipped or missed. Nothing is dropped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction

from maintenance.actions import freezes, occurrences, runs
from maintenance.models import Freeze, Occurrence, Origin, Run
from maintenance.rules import run_states
from maintenance.rules.dispatch import Situation, decide
from maintenance.tasks.catalog import CATALOG, title_of, why_not_configured
from zbmaint.queue.capacity import capacity

State = Occurrence.State


@dataclass
class _Floor:
    """What is at work now, kept up to date while occurrences are started."""

    now: dt.datetime
    freezes: list[Freeze]
    active: dict[int, Run]
    by_task: dict[int, Run]
    slots: dict[tuple[int, dt.datetime], list[Occurrence]]
    newest: dict[int, dt.datetime]
    free_starts: int
    held: dict[str, Run] = field(default_factory=dict)


def dispatch_due(now: dt.datetime) -> int:
    """Decide about everything that is due. Returns how many runs were started."""
    _withdraw_late(now)
    rows = Occurrence.objects.due().filter(due_at__lte=now).order_by("due_at", "schedule__rank", "position")
    due = list(rows.select_related("schedule__category", "scheduled_task__target", "version"))
    if not due:
        return 0
    floor = _survey(now, due)
    return sum(_dispatch(occurrence, floor) for occurrence in due)


def _withdraw_late(now: dt.datetime) -> None:
    late = Occurrence.objects.filter(state=State.STARTED, run__state=run_states.QUEUED, start_by__lt=now)
    for occurrence in late.select_related("run"):
        run = occurrence.run
        if run is None:
            continue
        with transaction.atomic():
            if runs.refuse_to_start(run.pk, str(run.token), run_states.SKIPPED, "Skipped: no worker took it in time."):
                occurrences.withdraw(occurrence.pk)


def _survey(now: dt.datetime, due: list[Occurrence]) -> _Floor:
    active = {run.pk: run for run in Run.objects.active().select_related("occurrence")}
    floor = _Floor(
        now=now,
        freezes=freezes.holding(now),
        active=active,
        by_task={},
        slots={},
        newest={},
        free_starts=capacity() - len(active),
    )
    for run in active.values():
        floor.held.update(dict.fromkeys(run.lock_groups, run))
        occurrence = getattr(run, "occurrence", None)
        if occurrence is not None:
            floor.by_task[occurrence.scheduled_task_id] = run
    slots = {(row.schedule_id, row.due_at) for row in due}
    times = {due_at for _, due_at in slots}
    # The rows of `due` themselves, so that what is decided about one is seen by those that come after it.
    same = {row.pk: row for row in due}
    for row in Occurrence.objects.filter(due_at__in=times, state__in=[State.DUE, State.STARTED]):
        if (row.schedule_id, row.due_at) in slots:
            floor.slots.setdefault((row.schedule_id, row.due_at), []).append(same.get(row.pk, row))
    for row in due:
        floor.newest[row.scheduled_task_id] = max(row.due_at, floor.newest.get(row.scheduled_task_id, row.due_at))
    return floor


def _dispatch(occurrence: Occurrence, floor: _Floor) -> bool:
    task, scheduled = CATALOG.get(occurrence.task), occurrence.scheduled_task
    locks = runs.lock_groups_of(task, scheduled.target, scheduled.lock_groups) if task else []
    decision = decide(_situation(occurrence, locks, floor))
    match decision.verb:
        case "wait":
            occurrences.explain_wait(occurrence, decision.reason)
        case "skip":
            occurrences.settle(occurrence.pk, State.SKIPPED, decision.reason)
            occurrence.state = State.SKIPPED
        case "miss":
            missing = why_not_configured(occurrence.task, scheduled.target)
            occurrences.settle(occurrence.pk, State.MISSED, decision.reason, carried_out=not missing)
            occurrence.state = State.MISSED
        case "start":
            return _start(occurrence, locks, floor)
    return False


def _situation(occurrence: Occurrence, locks: list[str], floor: _Floor) -> Situation:
    schedule = occurrence.schedule
    running = floor.by_task.get(occurrence.scheduled_task_id)
    holder = next((floor.held[name] for name in locks if name in floor.held), None)
    held = next((name for name in locks if name in floor.held), "")
    frozen = freezes.over(floor.freezes, occurrence.scheduled_task.target, schedule.category)
    configured = occurrence.task in CATALOG
    return Situation(
        now=floor.now,
        due_at=occurrence.due_at,
        start_by=occurrence.start_by,
        planned_at=occurrence.planned_at,
        catch_up="latest" if occurrence.catch_up == "latest" else "none",
        overlap="skip" if occurrence.overlap == "skip" else "wait",
        frozen_by=f"{frozen.reason}, until {frozen.ends_at:%d %b, %H:%M} UTC" if frozen else "",
        paused_by=schedule.pause_reason if schedule.is_paused(floor.now) else "",
        newer_is_due=floor.newest[occurrence.scheduled_task_id] > occurrence.due_at,
        before_it=_before(occurrence, floor),
        still_running=str(running).lower() if running else "",
        locked_by=f"{holder} ({held})".lower() if holder else "",
        window=schedule.window,
        # What this version does not carry out needs no worker to say so.
        free_starts=floor.free_starts if configured else 1,
    )


def _before(occurrence: Occurrence, floor: _Floor) -> str:
    """The task of the same slot that has to end first: a slot goes in its order, whatever becomes of each."""
    for row in floor.slots.get((occurrence.schedule_id, occurrence.due_at), []):
        if row.position >= occurrence.position:
            continue
        if row.state == State.DUE or (row.state == State.STARTED and row.run_id in floor.active):
            return f"{title_of(row.task)}" + (f", run {row.run_id}" if row.run_id else "")
    return ""


def _start(occurrence: Occurrence, locks: list[str], floor: _Floor) -> bool:
    try:
        with transaction.atomic():
            run = _request(occurrence)
            if not occurrences.settle(occurrence.pk, State.STARTED, "", run):
                # Another ticker was faster; what this one has just queued is rolled back with the row.
                raise _OvertakenError
    except _OvertakenError:
        return False
    except runs.RunRefused as refusal:
        occurrences.explain_wait(occurrence, str(refusal))
        return False
    occurrence.state, occurrence.run = State.STARTED, run
    if run.is_active:
        floor.active[run.pk] = run
        floor.by_task[occurrence.scheduled_task_id] = run
        floor.held.update(dict.fromkeys(locks, run))
        floor.free_starts -= 1
    return run.is_active


def _request(occurrence: Occurrence) -> Run:
    task, scheduled = CATALOG.get(occurrence.task), occurrence.scheduled_task
    missing = why_not_configured(occurrence.task, scheduled.target)
    if task is None or missing:
        return runs.request_not_configured(
            occurrence.task, scheduled.target, origin=Origin.SCHEDULE, verdict=f"Not configured: {missing}"
        )
    return runs.request(
        task,
        scheduled.target,
        actor=None,
        origin=Origin.SCHEDULE,
        parameters=scheduled.parameters,
        terms=runs.terms_of(scheduled),
    )


class _OvertakenError(Exception):
    """Another ticker settled the occurrence first."""
