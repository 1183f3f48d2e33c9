"""Planning: a row for every due time, whatever happened in between."""

from __future__ import annotations

import datetime as dt
from itertools import takewhile

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q

from maintenance.models import Occurrence, Schedule, ScheduledTask, ScheduleVersion
from maintenance.rules.cron import BadTime, due_times
from zbmaint.audit.record import record

log = structlog.get_logger(__name__)
# Due times that one pass makes rows for; the cursor stays behind the rest, and the next pass goes on there.
TIMES_A_PASS = 1000
A_SECOND = dt.timedelta(seconds=1)


def plan_due(now: dt.datetime) -> int:
    """Make the rows of every schedule whose next time has come. Returns how many schedules were planned.

    A schedule that cannot be planned gets an `error` that pages show, and does not disturb the others.
    """
    waiting = Schedule.objects.active().filter(Q(next_due_at__lte=now) | Q(next_due_at__isnull=True), error="")
    ids = list(waiting.values_list("pk", flat=True))
    for schedule_id in ids:
        _plan_safely(schedule_id, now)
    return len(ids)


def repair(now: dt.datetime) -> None:
    """Try schedules in error again, and set back cursors that a wrong clock has put too far ahead."""
    for schedule in Schedule.objects.active().exclude(error=""):
        _plan_safely(schedule.pk, now)
    for schedule in Schedule.objects.active().filter(error="", next_due_at__gt=now):
        try:
            first = next(due_times(schedule.cron, schedule.time_zone, now), None)
        except BadTime as problem:
            _set_error(schedule.pk, str(problem))
            continue
        if first is not None and schedule.next_due_at is not None and first < schedule.next_due_at:
            Schedule.objects.filter(pk=schedule.pk, next_due_at=schedule.next_due_at).update(next_due_at=first)
            log.warning("schedule.cursor_set_back", schedule=schedule.key, to=first.isoformat())


def _plan_safely(schedule_id: int, now: dt.datetime) -> None:
    try:
        plan_one(schedule_id, now)
    except DatabaseError:
        raise  # an outage of our database is not the schedule's fault
    except Exception as problem:  # whatever is wrong with one row must not stop the others
        log.exception("schedule.not_planned", schedule=schedule_id)
        _set_error(schedule_id, str(problem) or type(problem).__name__)


@transaction.atomic
def _set_error(schedule_id: int, message: str) -> None:
    schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
    if schedule.error != message[:300]:
        schedule.error = message[:300]
        schedule.save(update_fields=["error"])
        record("schedule_error", schedule, None, after={"error": schedule.error})


@transaction.atomic
def plan_one(schedule_id: int, now: dt.datetime) -> None:
    """Make the rows of one schedule up to `now` and move its cursor. Raises BadTime for a cron that means nothing.

    Another planner that is at this schedule already does the work; a due time never gets a second row.
    """
    schedule = Schedule.objects.select_for_update(skip_locked=True).filter(pk=schedule_id).first()
    if schedule is None:
        return
    after = now if schedule.next_due_at is None else min(schedule.next_due_at - A_SECOND, now)
    times = due_times(schedule.cron, schedule.time_zone, after)
    due = [
        moment for moment, _ in zip(takewhile(lambda moment: moment <= now, times), range(TIMES_A_PASS), strict=False)
    ]
    if due:
        _make_rows(schedule, due, now)
    schedule.next_due_at = next(due_times(schedule.cron, schedule.time_zone, due[-1] if due else after), None)
    schedule.error = "" if schedule.next_due_at else "Its cron never comes again."
    schedule.save(update_fields=["next_due_at", "error"])


def _make_rows(schedule: Schedule, due: list[dt.datetime], now: dt.datetime) -> None:
    version = ScheduleVersion.objects.get(schedule=schedule, number=schedule.version)
    tasks = list(ScheduledTask.objects.filter(schedule=schedule, retired_at__isnull=True))
    Occurrence.objects.bulk_create(
        [occurrence_of(schedule, version, task, moment, now) for moment in due for task in tasks],
        # A row that a person made before its time, to skip it, stays as it is.
        ignore_conflicts=True,
    )


def occurrence_of(
    schedule: Schedule, version: ScheduleVersion, task: ScheduledTask, due_at: dt.datetime, now: dt.datetime
) -> Occurrence:
    """The row of one due time, not saved."""
    return Occurrence(
        schedule=schedule,
        version=version,
        scheduled_task=task,
        position=task.position,
        task=task.task,
        due_at=due_at,
        start_by=due_at + dt.timedelta(minutes=task.lateness_minutes),
        planned_at=now,
        catch_up=task.catch_up,
        overlap=schedule.overlap,
    )
