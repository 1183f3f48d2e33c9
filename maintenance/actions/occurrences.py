"""What may become of an occurrence: started, skipped, missed; and a person's skip, which can be taken back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from maintenance import alerts
from maintenance.actions.planning import occurrence_of
from maintenance.models import Occurrence, Run, ScheduledTask, ScheduleVersion
from maintenance.rules.cron import due_times
from zbmaint.access.models import Person
from zbmaint.audit.record import record

State = Occurrence.State


class OccurrenceRefused(Exception):
    """What was asked of an occurrence cannot be done. The message is for people."""


@transaction.atomic
def settle(occurrence_id: int, state: str, reason: str, run: Run | None = None, *, carried_out: bool = True) -> bool:
    """Give a due occurrence its final state. False when it is not due any more: somebody else was faster.

    People are told of a missed one, unless it is not `carried_out`: its run would have ended as `not_configured`.
    """
    occurrence = Occurrence.objects.select_for_update().filter(pk=occurrence_id, state=State.DUE).first()
    if occurrence is None:
        return False
    occurrence.state, occurrence.reason, occurrence.run = State(state), reason[:300], run
    occurrence.decided_at = timezone.now()
    occurrence.save()
    record(f"occurrence_{state}", occurrence, None, after={"reason": reason, "run": run.pk if run else None})
    if state == State.MISSED and carried_out:
        alerts.occurrence_missed(occurrence)
    return True


def explain_wait(occurrence: Occurrence, reason: str) -> None:
    """Say why a due occurrence waits; nothing is written while the reason is the same."""
    if occurrence.reason != reason[:300]:
        Occurrence.objects.filter(pk=occurrence.pk, state=State.DUE).update(reason=reason[:300])


@transaction.atomic
def withdraw(occurrence_id: int) -> bool:
    """Turn a started occurrence whose run no worker took in time into a missed one."""
    occurrence = Occurrence.objects.select_for_update().filter(pk=occurrence_id, state=State.STARTED).first()
    if occurrence is None:
        return False
    minutes = round((occurrence.start_by - occurrence.due_at).total_seconds() / 60)
    occurrence.state, occurrence.reason = State.MISSED, f"no worker took its run within {minutes} min"
    occurrence.save()
    record("occurrence_missed", occurrence, None, after={"reason": occurrence.reason})
    alerts.occurrence_missed(occurrence)
    return True


@transaction.atomic
def skip(task: ScheduledTask, due_at: dt.datetime, *, actor: Person, reason: str) -> Occurrence:
    """Skip one due time of a task, also before it comes. Raises OccurrenceRefused."""
    if not reason.strip():
        raise OccurrenceRefused("Say why it is skipped: whoever finds it skipped will ask.")
    schedule = task.schedule
    row = Occurrence.objects.select_for_update().filter(scheduled_task=task, due_at=due_at).first()
    if row is None:
        if (
            task.retired_at
            or next(due_times(schedule.cron, schedule.time_zone, due_at - dt.timedelta(seconds=1))) != due_at
        ):
            raise OccurrenceRefused(f"{task} is not due at {due_at:%d %b %Y, %H:%M} UTC.")
        if due_at + dt.timedelta(minutes=task.lateness_minutes) < timezone.now():
            raise OccurrenceRefused("That time has passed.")
        version = ScheduleVersion.objects.get(schedule=schedule, number=schedule.version)
        row = occurrence_of(schedule, version, task, due_at, timezone.now())
    elif row.state != State.DUE:
        raise OccurrenceRefused(f"{row} was {row.state} already.")
    row.state, row.reason, row.skipped_by, row.decided_at = State.SKIPPED, reason.strip()[:300], actor, timezone.now()
    row.save()
    record("occurrence_skipped", row, actor, after={"reason": row.reason})
    return row


@transaction.atomic
def take_back(occurrence: Occurrence, *, actor: Person) -> None:
    """Undo a person's skip while it can still start. Raises OccurrenceRefused."""
    row = Occurrence.objects.select_for_update().filter(pk=occurrence.pk).first()
    now = timezone.now()
    if row is None or row.state != State.SKIPPED or row.skipped_by is None:
        raise OccurrenceRefused("Only a time that a person skipped can be taken back.")
    if now > row.start_by:
        raise OccurrenceRefused(f"It could start until {row.start_by:%d %b, %H:%M} UTC; that has passed.")
    record("occurrence_skip_taken_back", row, actor, before={"reason": row.reason})
    if row.due_at > now:
        # Its time has not come: the planner makes the row then, by the version that is in force then.
        row.delete()
        return
    row.state, row.reason, row.skipped_by, row.decided_at = State.DUE, "", None, None
    row.save()
