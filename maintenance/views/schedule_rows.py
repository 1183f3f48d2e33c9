"""The table of schedules: when, next, what became of the last times."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from cronsim import CronSimError
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q

from maintenance.models import Occurrence, Schedule, ScheduledTask
from maintenance.rules import cron, run_states
from maintenance.rules.occurrence_words import PLANNED, counted, height_of, mark_of, worst
from maintenance.tasks.catalog import CATALOG, title_of, why_not_configured

SLOTS = 12
LAST_TIMES = "last_times"
BAR, GAP, FULL = 5, 3, 15  # of the small history, in its own units


@dataclass(frozen=True)
class Bar:
    """One slot in the small history: where it stands, and its mark."""

    x: int
    y: int
    height: int
    mark: str


@dataclass(frozen=True)
class PastSlot:
    """One due time that has come: the mark of each task, by the task's row."""

    due_at: dt.datetime
    marks: dict[int, str]

    @property
    def mark(self) -> str:
        """The worst mark."""
        return worst(self.marks.values())

    @property
    def says(self) -> str:
        """1 failed, 7 succeeded."""
        return counted(self.marks.values())


@dataclass(frozen=True)
class TaskRow:
    """A task of a schedule, what became of its last time, and why it cannot be run now (empty: it can)."""

    row: ScheduledTask
    last: str

    @property
    def mark(self) -> str:
        """What became of its last time; before the first one, whether it could start."""
        return self.last or (run_states.NOT_CONFIGURED if self.lacks else PLANNED)

    @property
    def title(self) -> str:
        """What the calendar calls it."""
        return self.row.label or title_of(self.row.task)

    @property
    def lacks(self) -> str:
        """What it lacks, in words."""
        return why_not_configured(self.row.task, self.row.target)

    @property
    def carried_out(self) -> bool:
        """Whether this version has the task at all."""
        return self.row.task in CATALOG


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule as its row shows it. `slots` are its last due times, newest first."""

    schedule: Schedule
    paused: bool
    slots: list[PastSlot] = field(default_factory=list)

    @property
    def when(self) -> str:
        """When it is due, in words; as it was typed when its cron means nothing."""
        try:
            return cron.in_words(self.schedule.cron)
        except (CronSimError, ValueError):
            return self.schedule.when

    @property
    def last(self) -> PastSlot | None:
        """The last due time."""
        return self.slots[0] if self.slots else None

    @property
    def tasks(self) -> list[TaskRow]:
        """Its tasks in order."""
        marks = self.last.marks if self.last else {}
        return [TaskRow(task, marks.get(task.pk, "")) for task in self.schedule.tasks.all()]

    @property
    def bars(self) -> list[Bar]:
        """The small history, oldest first."""
        free = SLOTS - len(self.slots)
        return [
            Bar((free + at) * (BAR + GAP), FULL - height_of(slot.mark), height_of(slot.mark), slot.mark)
            for at, slot in enumerate(reversed(self.slots))
        ]

    @property
    def history_says(self) -> str:
        """The small history as text: Last 3 times: 1 failed, 2 succeeded."""
        if len(self.slots) == 1:
            return f"Last time: {self.slots[0].says.lower()}"
        return f"Last {len(self.slots)} times: {counted(slot.mark for slot in self.slots).lower()}"


def read_schedules(now: dt.datetime) -> list[ScheduleRow]:
    """Every schedule that is not retired, with its tasks and its last slots; three queries."""
    times = Occurrence.objects.filter(schedule=OuterRef("pk"), due_at__lte=now).order_by("-due_at")
    rows = list(
        Schedule.objects.active()
        .select_related("category", "paused_by")
        .annotate(**{LAST_TIMES: ArraySubquery(times.values("due_at").distinct()[:SLOTS])})
        .prefetch_related(
            Prefetch("tasks", ScheduledTask.objects.filter(retired_at__isnull=True).select_related("target"))
        )
    )
    slots = _past_slots({row.pk: getattr(row, LAST_TIMES) for row in rows}, now)
    return [ScheduleRow(row, row.is_paused(now), slots.get(row.pk, [])) for row in rows]


def _past_slots(times: dict[int, list[dt.datetime]], now: dt.datetime) -> dict[int, list[PastSlot]]:
    """The slots of each schedule, newest first."""
    wanted = Q()
    for schedule_id, due in times.items():
        if due:
            wanted |= Q(schedule=schedule_id, due_at__range=(due[-1], now))
    if not wanted:
        return {}
    found: dict[tuple[int, dt.datetime], dict[int, str]] = defaultdict(dict)
    seen = Occurrence.objects.filter(wanted).order_by("-due_at", "position")
    for schedule_id, due_at, task_id, state, run_state in seen.values_list(
        "schedule_id", "due_at", "scheduled_task_id", "state", "run__state"
    ):
        found[schedule_id, due_at][task_id] = mark_of(state, run_state, due_at, now)
    slots: dict[int, list[PastSlot]] = defaultdict(list)
    for (schedule_id, due_at), marks in found.items():
        slots[schedule_id].append(PastSlot(due_at, marks))
    return slots
