"""What may be done to a schedule: saved, paused, resumed, retired. Every edit makes a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from maintenance.actions.planning import plan_one
from maintenance.models import CatchUp, Category, Overlap, Schedule, ScheduledTask, ScheduleVersion, Target
from maintenance.rules import edits
from maintenance.rules.cron import BadTime, due_times, to_cron, zone
from zbmaint.access.models import Person
from zbmaint.audit.record import record


class ScheduleRefused(Exception):
    """The schedule cannot be saved. `field` names the form field that is wrong, if one is."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class TaskDraft:
    """One task of a schedule as a form has it; `row` is the row that it changes, None for a new one."""

    task: str
    label: str = ""
    target: Target | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    lateness_minutes: int = 60
    timeout_minutes: int | None = None
    retries: int = 0
    catch_up: str = CatchUp.LATEST
    lock_groups: list[str] = field(default_factory=list)
    row: ScheduledTask | None = None


@dataclass(frozen=True)
class Draft:
    """A schedule as a form has it."""

    key: str
    name: str
    category: Category
    when: str
    time_zone: str = "UTC"
    overlap: str = Overlap.SKIP
    window_from: dt.time | None = None
    window_to: dt.time | None = None
    rank: int = 0
    tasks: tuple[TaskDraft, ...] = ()


def check(draft: Draft) -> str:
    """Return the cron that `draft.when` means; raises ScheduleRefused naming the field that is wrong."""
    try:
        cron = to_cron(draft.when)
    except BadTime as problem:
        raise ScheduleRefused(str(problem), "when") from None
    try:
        zone(draft.time_zone)
    except BadTime as problem:
        raise ScheduleRefused(str(problem), "time_zone") from None
    if (draft.window_from is None) != (draft.window_to is None):
        raise ScheduleRefused("A window needs both its ends, or neither.", "window_to")
    if draft.window_from is not None and draft.window_from == draft.window_to:
        raise ScheduleRefused("A window that ends when it begins lets nothing start.", "window_to")
    if not draft.tasks:
        raise ScheduleRefused("A schedule needs at least one task.")
    if any(task.lateness_minutes < 1 for task in draft.tasks):
        raise ScheduleRefused("A task needs at least one minute in which it may start.")
    return cron


def mark(schedule: Schedule) -> str:
    """A mark of what a schedule says and of its pause, to see whether somebody changes it meanwhile."""
    paused = (schedule.paused_at, schedule.paused_until, schedule.pause_reason)
    return edits.mark_of({"version": schedule.version, "paused": paused})


def hold(schedule: Schedule, seen: str) -> None:
    """Keep others from changing a schedule, to the end of the transaction. Raises ScheduleRefused when its mark is not
    the one that was `seen` any more; an empty one is believed."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if seen and seen != mark(locked):
        raise ScheduleRefused(edits.CHANGED)


@transaction.atomic
def save(draft: Draft, *, actor: Person | None, schedule: Schedule | None = None) -> Schedule:
    """Create or change a schedule. Raises ScheduleRefused.

    What is due by the version before gets its rows first, so that an edit changes no due time that has come.
    """
    cron = check(draft)
    now = timezone.now()
    if schedule is None:
        if Schedule.objects.filter(key=draft.key).exists():
            raise ScheduleRefused(f"There is a schedule {draft.key!r} already.", "key")
        schedule, before = Schedule(key=draft.key), None
    else:
        schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
        before = content_of(schedule)
        if not schedule.error:
            plan_one(schedule.pk, now)
            schedule.refresh_from_db()
    timing_before = (schedule.cron, schedule.time_zone)
    schedule.name, schedule.category, schedule.rank = draft.name, draft.category, draft.rank
    schedule.when, schedule.cron, schedule.time_zone = draft.when, cron, draft.time_zone
    schedule.overlap, schedule.window_from, schedule.window_to = draft.overlap, draft.window_from, draft.window_to
    if timing_before != (cron, draft.time_zone) or schedule.next_due_at is None or schedule.error:
        schedule.next_due_at = next(due_times(cron, draft.time_zone, now), None)
    schedule.error = ""
    schedule.save()
    _save_tasks(schedule, draft.tasks, now)
    _make_version(schedule, actor, before, now)
    return schedule


def _save_tasks(schedule: Schedule, drafts: Iterable[TaskDraft], now: dt.datetime) -> None:
    kept = []
    for position, draft in enumerate(drafts, start=1):
        row = draft.row or ScheduledTask(schedule=schedule)
        row.position, row.task, row.label, row.target = position, draft.task, draft.label, draft.target
        row.parameters, row.lock_groups = draft.parameters, draft.lock_groups
        row.lateness_minutes, row.timeout_minutes = draft.lateness_minutes, draft.timeout_minutes
        row.retries, row.catch_up, row.retired_at = draft.retries, draft.catch_up, None
        row.save()
        kept.append(row.pk)
    schedule.tasks.filter(retired_at__isnull=True).exclude(pk__in=kept).update(retired_at=now)


def _make_version(schedule: Schedule, actor: Person | None, before: dict[str, Any] | None, now: dt.datetime) -> None:
    after = content_of(schedule)
    if after != before:
        schedule.version += 1
        schedule.save(update_fields=["version"])
        ScheduleVersion.objects.create(
            schedule=schedule, number=schedule.version, content=after, in_force_from=now, made_by=actor
        )
    record("schedule_created" if before is None else "schedule_changed", schedule, actor, before=before, after=after)


def content_of(schedule: Schedule) -> dict[str, Any]:
    """What a version keeps of a schedule, JSON-ready."""
    return {
        "name": schedule.name,
        "category": schedule.category.key,
        "when": schedule.when,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "overlap": schedule.overlap,
        "window": [f"{end:%H:%M}" for end in schedule.window] if schedule.window else None,
        "tasks": [
            {
                "id": row.pk,
                "task": row.task,
                "label": row.label,
                "target": row.target.name if row.target else None,
                "parameters": row.parameters,
                "lateness_minutes": row.lateness_minutes,
                "timeout_minutes": row.timeout_minutes,
                "retries": row.retries,
                "catch_up": row.catch_up,
                "lock_groups": row.lock_groups,
            }
            for row in schedule.tasks.filter(retired_at__isnull=True).select_related("target")
        ],
    }


@transaction.atomic
def pause(schedule: Schedule, *, actor: Person, reason: str, until: dt.date | None) -> Schedule:
    """Pause until 00:00 UTC of `until`. Raises ScheduleRefused without a reason or an end."""
    if not reason.strip():
        raise ScheduleRefused("Say why it is paused.", "pause_reason")
    if until is None:
        raise ScheduleRefused(
            "Give the day on which it starts again. A pause without an end is forgotten.", "paused_until"
        )
    if until <= timezone.now().date():
        raise ScheduleRefused("The day on which it starts again must be after today.", "paused_until")
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    schedule.paused_at, schedule.paused_by = timezone.now(), actor
    schedule.pause_reason, schedule.paused_until = reason.strip()[:200], until
    schedule.save()
    record("schedule_paused", schedule, actor, after={"reason": schedule.pause_reason, "until": until.isoformat()})
    return schedule


@transaction.atomic
def resume(schedule: Schedule, *, actor: Person) -> Schedule:
    """End a pause now. Raises ScheduleRefused when it is not paused."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if schedule.paused_at is None:
        raise ScheduleRefused("It is not paused.")
    before = {"reason": schedule.pause_reason, "until": str(schedule.paused_until)}
    schedule.paused_at = schedule.paused_until = schedule.paused_by = None
    schedule.pause_reason = ""
    schedule.save()
    record("schedule_resumed", schedule, actor, before=before)
    return schedule


@transaction.atomic
def retire(schedule: Schedule, *, actor: Person) -> None:
    """Stop planning for good; what was due and done keeps its rows."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if schedule.retired_at is None:
        schedule.retired_at = timezone.now()
        schedule.save(update_fields=["retired_at"])
        record("schedule_retired", schedule, actor)


@transaction.atomic
def restore(schedule: Schedule, *, actor: Person) -> None:
    """Plan again, from now on: no row is made for the time in between."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if schedule.retired_at is not None:
        schedule.retired_at = schedule.next_due_at = None
        schedule.save(update_fields=["retired_at", "next_due_at"])
        record("schedule_restored", schedule, actor)
