"""The calendar as it went: every due time of the installed schedules, freezes, a pause, a night without a ticker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from maintenance.models import Category, Freeze, Occurrence, Origin, Schedule, ScheduledTask, ScheduleVersion
from maintenance.models.target import OWN
from maintenance.rules.cron import due_times
from maintenance.tasks.catalog import why_not_configured
from zbmaint.access.models import Person
from zbmaint.dashboard.demo import reports
from zbmaint.dashboard.demo.asked import Asked, Due
from zbmaint.dashboard.demo.audit import Deed
from zbmaint.dashboard.demo.findings import TASK
from zbmaint.dashboard.demo.period import DAY, Period
from zbmaint.dashboard.demo.targets import OURS

State = Occurrence.State
A_SECOND, A_MINUTE, AN_HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
# What became due this short a time ago is not told any more: its run could not have ended yet.
UNTOLD = 15 * A_MINUTE
OWN_RUN_SECONDS = 50.0
FOUND = {"app_metrics": "6 sources measured.", "health_report": "The platform is up."}
WEEKLY = "weekly_report"
PAUSED, PAUSE_DAYS, PAUSE_REASON = "daily", 3, "logs and backups move to the new storage"
OUTAGE, BACK_AFTER = 0.85, 3 * AN_HOUR + 20 * A_MINUTE  # the night at this share of the period nothing was planned
BUSY, SKIPPED_BY_HAND = 0.4, 0.62
BY_HAND = "the release of ZbInnovation 4.2 goes out at that hour"


@dataclass(frozen=True)
class _Freeze:
    reason: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    lifted_at: dt.datetime | None
    category: str = ""


class Calendar:
    """Tells the calendar of a period."""

    def __init__(self, period: Period, people: dict[str, Person]) -> None:
        self._period = period
        self._people = people
        first, second = period.day(0.3) + 18 * AN_HOUR, period.day(0.7) + 20 * AN_HOUR
        self._freezes = (
            _Freeze("move to the second data centre", first, first + 14 * AN_HOUR, None),
            _Freeze("release of ZbInnovation 4.1", second, second + 16 * AN_HOUR, second + 9 * AN_HOUR, "preventive"),
        )
        self._paused_from = period.day(0.5) + 9 * AN_HOUR

    def due(self) -> Iterator[Due]:
        """Every due time until now with what became of it, schedule by schedule."""
        schedules = Schedule.objects.active().select_related("category").prefetch_related("tasks__target")
        for schedule in schedules.filter(error=""):
            version = ScheduleVersion.objects.get(schedule=schedule, number=schedule.version).pk
            times = due_times(schedule.cron, schedule.time_zone, self._period.begins - A_SECOND)
            tasks = [task for task in schedule.tasks.all() if task.retired_at is None]
            for due_at in takewhile(lambda moment: moment <= self._period.now, times):
                for task in tasks:
                    yield self._decide(schedule, task, version, due_at)

    def _decide(self, schedule: Schedule, task: ScheduledTask, version: int, due_at: dt.datetime) -> Due:
        due = Due(task, version, due_at, due_at + A_SECOND, due_at + A_SECOND, State.STARTED)
        reason = self._held(schedule, due_at)
        share = self._period.share(due_at)
        weekly = schedule.key == "weekly"
        if due_at > self._period.now - UNTOLD:
            due.state, due.reason = State.SKIPPED, "the generated history ends before this time"
        elif reason:
            due.state, due.reason = State.SKIPPED, reason
        elif due_at.date() == self._period.day(OUTAGE).date():
            due.planned_at = due.decided_at = due_at + BACK_AFTER
            if task.catch_up == "none":
                due.state = State.MISSED
                due.reason = "nothing was planning when it was due, and catch-up is off"
        elif weekly and task.task == TASK and self._is_week(share, BUSY):
            due.state, due.decided_at = State.MISSED, due_at + dt.timedelta(minutes=task.lateness_minutes)
            due.reason = f"not started within {task.lateness_minutes} min: waits for a free worker"
        elif weekly and task.position == 3 and self._is_week(share, SKIPPED_BY_HAND):
            due.state, due.reason, due.skipped_by = State.SKIPPED, BY_HAND, self._people["lead"]
            due.planned_at = due.decided_at = due_at - 14 * AN_HOUR
        elif weekly and task.position > 1:
            # It waited for the maintenance of our own database, which comes first.
            due.decided_at += dt.timedelta(seconds=OWN_RUN_SECONDS)
        return due

    def _is_week(self, share: float, of: float) -> bool:
        return of <= share < of + 7 / self._period.days

    def _held(self, schedule: Schedule, due_at: dt.datetime) -> str:
        for freeze in self._freezes:
            if freeze.begins_at <= due_at < (freeze.lifted_at or freeze.ends_at) and freeze.category in (
                "",
                schedule.category.key,
            ):
                return f"freeze: {freeze.reason}, until {freeze.ends_at:%d %b, %H:%M} UTC"
        paused = self._paused_from <= due_at < self._paused_from + PAUSE_DAYS * DAY
        return f"paused: {PAUSE_REASON}" if paused and schedule.key == PAUSED else ""

    # -- what is there besides the due times ----------------------------------------------------------------------

    def write_freezes(self) -> list[Deed]:
        """Make the freezes, which have ended, and return what was done for them."""
        lead, deeds = self._people["lead"], []
        for held in self._freezes:
            freeze = Freeze.objects.create(
                everything=not held.category,
                begins_at=held.begins_at,
                ends_at=held.ends_at,
                reason=held.reason,
                made_by=lead,
                lifted_at=held.lifted_at,
                lifted_by=lead if held.lifted_at else None,
            )
            made_at = held.begins_at - 3 * AN_HOUR
            Freeze.objects.filter(pk=freeze.pk).update(created_at=made_at)
            freeze.categories.set(Category.objects.filter(key=held.category))
            until = {"from": held.begins_at.isoformat(), "until": held.ends_at.isoformat(), "reason": held.reason}
            deeds.append(Deed(made_at, lead, "freeze_made", "freeze", freeze.pk, held.reason, until))
            if held.lifted_at:
                deeds.append(Deed(held.lifted_at, lead, "freeze_lifted", "freeze", freeze.pk, held.reason))
        return deeds

    def pause_deeds(self) -> list[Deed]:
        """That the daily schedule was paused and resumed."""
        schedule = Schedule.objects.active().filter(key=PAUSED).first()
        if schedule is None:
            return []
        ends, who = self._paused_from + PAUSE_DAYS * DAY, self._people["tier3"]
        facts = {"reason": PAUSE_REASON, "until": str((ends + DAY).date())}
        about = ("schedule", schedule.pk, str(schedule))
        return [
            Deed(self._paused_from, who, "schedule_paused", *about, facts),
            Deed(ends, who, "schedule_resumed", *about),
        ]

    def turn_to_the_future(self) -> None:
        """Let the planner go on from now: nothing that was told becomes due again."""
        ScheduleVersion.objects.filter(number=1).update(in_force_from=self._period.begins - DAY)
        for schedule in Schedule.objects.active().filter(error=""):
            following = next(due_times(schedule.cron, schedule.time_zone, self._period.now), None)
            created_at = min(schedule.created_at, self._period.begins - DAY)
            Schedule.objects.filter(pk=schedule.pk).update(next_due_at=following, created_at=created_at)


def run_of(due: Due) -> Asked | None:
    """The run that a started due time asked for; of what this version does not do, one that only says so."""
    if due.state != State.STARTED:
        return None
    task = due.task
    asked = Asked(due.decided_at, task.task, None, Origin.SCHEDULE, room=OWN_RUN_SECONDS, due=due)
    if task.task == TASK and task.target is not None and task.target.reference == OWN:
        asked.database = OURS
        asked.lock_groups = [f"db:{task.target.name}"]
    else:
        why = why_not_configured(task.task, task.target)
        done = reports.says(due.due_at) if task.task == WEEKLY else FOUND.get(task.task, "Nothing found.")
        asked.ending, asked.verdict = ("not_configured", f"Not configured: {why}") if why else ("done", done)
    return asked
