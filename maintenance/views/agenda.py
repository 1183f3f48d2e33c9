"""The agenda: what is due in the next 14 days, and what a person or a freeze has decided about it already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby, islice, takewhile

from cronsim import CronSimError

from maintenance.actions import freezes
from maintenance.models import Freeze, Occurrence, Schedule, ScheduledTask
from maintenance.rules.cron import BadTime, due_times
from maintenance.rules.occurrence_words import PLANNED, SKIPPED
from maintenance.tasks.catalog import title_of
from maintenance.views.schedule_rows import ScheduleRow

DAYS = 14
MOST_TIMES = 100  # of one schedule; one that is due more often is shown so far only


@dataclass(frozen=True)
class PlannedTask:
    """One task at one future time. `skipped` is the row of a person who skipped it; `held` says what else will."""

    task: ScheduledTask
    skipped: Occurrence | None
    held: str

    @property
    def title(self) -> str:
        """What the calendar calls it."""
        return self.task.label or title_of(self.task.task)


@dataclass(frozen=True)
class PlannedSlot:
    """One future due time of a schedule."""

    schedule: Schedule
    due_at: dt.datetime
    paused: bool
    tasks: list[PlannedTask]

    @property
    def stamp(self) -> int:
        """The due time in an address: seconds since 1970."""
        return int(self.due_at.timestamp())

    @property
    def mark(self) -> str:
        """Paused, skipped when none of its tasks will start, otherwise planned."""
        if self.paused:
            return "paused"
        return SKIPPED if self.tasks and all(task.skipped or task.held for task in self.tasks) else PLANNED

    @property
    def note(self) -> str:
        """What is special about it; empty when nothing is."""
        if self.paused:
            return "Paused"
        out = sum(bool(task.skipped or task.held) for task in self.tasks)
        if not out:
            return ""
        word = "frozen" if any(task.held for task in self.tasks) else "skipped"
        return word.capitalize() if out == len(self.tasks) else f"{out} {word}"


@dataclass(frozen=True)
class Day:
    """One day (UTC) with its slots in order."""

    date: dt.date
    name: str
    slots: list[PlannedSlot]


@dataclass(frozen=True)
class Agenda:
    """The days that have something. `problems` are schedules whose times cannot be told, and why."""

    days: list[Day]
    problems: dict[int, str] = field(default_factory=dict)
    crowded: list[Schedule] = field(default_factory=list)


def read_agenda(rows: list[ScheduleRow], coming: list[Freeze], now: dt.datetime) -> Agenda:
    """The agenda of the schedules of `rows`, with the freezes that hold or are to come; one query."""
    until = now + dt.timedelta(days=DAYS)
    skipped = {
        (row.scheduled_task_id, row.due_at): row
        for row in Occurrence.objects.filter(due_at__gt=now, due_at__lte=until).select_related("skipped_by").order_by()
    }
    agenda = Agenda([])
    slots: list[PlannedSlot] = []
    for row in rows:
        schedule = row.schedule
        try:
            times = takewhile(lambda moment: moment <= until, due_times(schedule.cron, schedule.time_zone, now))
            due = list(islice(times, MOST_TIMES + 1))
        except (BadTime, CronSimError, ValueError) as problem:
            agenda.problems[schedule.pk] = str(problem)
            continue
        if len(due) > MOST_TIMES:
            agenda.crowded.append(schedule)
        slots += [_slot(schedule, moment, skipped, coming) for moment in due[:MOST_TIMES]]
    slots.sort(key=lambda slot: (slot.due_at, slot.schedule.rank))
    for date, members in groupby(slots, key=lambda slot: slot.due_at.date()):
        agenda.days.append(Day(date, _name(date, now.date()), list(members)))
    return agenda


def _slot(
    schedule: Schedule,
    due_at: dt.datetime,
    skipped: dict[tuple[int, dt.datetime], Occurrence],
    coming: list[Freeze],
) -> PlannedSlot:
    then = [freeze for freeze in coming if freeze.begins_at <= due_at < freeze.ends_at]
    tasks = []
    for task in schedule.tasks.all():
        frozen = freezes.over(then, task.target, schedule.category)
        tasks.append(PlannedTask(task, skipped.get((task.pk, due_at)), f"Freeze: {frozen.reason}" if frozen else ""))
    return PlannedSlot(schedule, due_at, schedule.is_paused(due_at), tasks)


def _name(date: dt.date, today: dt.date) -> str:
    """Today, Tomorrow, Friday."""
    ahead = (date - today).days
    return {0: "Today", 1: "Tomorrow"}.get(ahead, f"{date:%A}")
