"""Random histories of runs and due times, and an oracle that adds a day up by itself, in Python."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as some

from maintenance.actions import schedules
from maintenance.models import Category, Occurrence, Origin, Run, RunDay, Schedule
from maintenance.rules import run_states
from tests.maintenance.calendar import draft
from zbmaint.access.models import Person
from zbmaint.rollup.spread import unpacked

# Four days, of which clocks are changed on the second in Berlin, and what is then now.
START = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC)
# Each task, the category of its schedule, and its window.
TASKS = {
    "cache_review": ("preventive", None),
    "log_rotation": ("corrective", (dt.time(22), dt.time(4))),
    "log_analysis": ("corrective", (dt.time(1, 30), dt.time(5))),
    "of_no_schedule": ("", None),
}
FIGURES = ("dry_runs", "attempts", "overran", "overrun_seconds", "expected", "in_time", "missed", "held")
SPREADS = ("durations", "waits", "lateness")
STATES = ("succeeded", "warning", "failed", "timed_out", "lost", "cancelled", "skipped", "not_configured")
ALL = (*STATES, *FIGURES, *SPREADS)

moments = some.integers(0, 4 * 86400 * 1000).map(lambda ms: START + dt.timedelta(milliseconds=ms, microseconds=137))
lengths = some.integers(-600_000, 30 * 3600 * 1000).map(lambda ms: dt.timedelta(milliseconds=ms, microseconds=ms % 7))


@dataclass
class Event:
    """A run, and maybe the due time that asked for it; or a due time alone (`run_state` is None)."""

    task: str
    due_at: dt.datetime
    decided_after: dt.timedelta
    allowed: dt.timedelta
    due_state: str
    reason: str
    by_person: bool
    run_state: str | None
    wait: dt.timedelta
    length: dt.timedelta
    starts: bool
    dry_run: bool
    attempt: int

    @property
    def decided_at(self) -> dt.datetime | None:
        if self.due_state == "due":
            return None
        return self.due_at + self.decided_after

    @property
    def queued_at(self) -> dt.datetime:
        return self.decided_at or self.due_at

    @property
    def started_at(self) -> dt.datetime | None:
        return self.queued_at + self.wait if self.starts or self.run_state == "running" else None

    @property
    def finished_at(self) -> dt.datetime | None:
        if self.run_state is None or self.run_state in run_states.ACTIVE:
            return None
        return (self.started_at or self.queued_at) + self.length


events = some.builds(
    Event,
    task=some.sampled_from(sorted(TASKS)),
    due_at=moments,
    decided_after=some.integers(-30, 4000).map(lambda seconds: dt.timedelta(seconds=seconds)),
    allowed=some.just(dt.timedelta(hours=1)),
    due_state=some.sampled_from(["started", "started", "skipped", "missed", "due"]),
    reason=some.sampled_from(["", "freeze: a feast", "paused: a move", "still running: run 4"]),
    by_person=some.booleans(),
    run_state=some.sampled_from([None, *run_states.ACTIVE, *STATES, *STATES]),
    wait=lengths.map(lambda length: length / 100),
    length=lengths,
    starts=some.booleans(),
    dry_run=some.sampled_from([False, False, False, True]),
    attempt=some.integers(1, 3),
)
# What is due at the same time for the same task is one due time.
histories = some.lists(events, min_size=15, max_size=30, unique_by=lambda event: (event.task, event.due_at))


def make_schedules() -> dict[str, Schedule]:
    """The schedules of TASKS, by task; those that the installation brings are retired."""
    made = {}
    for task, (category, window) in TASKS.items():
        Schedule.objects.filter(tasks__task=task).update(retired_at=NOW)
        if category:
            opens, closes = window or (None, None)
            wanted = draft("0 2 * * *", task, category=Category.objects.get(key=category), key=f"of-{task}")
            made[task] = schedules.save(replace(wanted, window_from=opens, window_to=closes), actor=None)
    return made


class Rows:
    """The rows of a history in the database, in the order of its events."""

    def __init__(self, schedules: dict[str, Schedule]) -> None:
        self.schedules = schedules
        self.versions = {task: schedule.versions.get() for task, schedule in schedules.items()}
        self.tasks = {task: schedule.tasks.get() for task, schedule in schedules.items()}
        self.runs: list[Run | None] = []
        self.dues: list[Occurrence | None] = []
        self.said: list[Event] = []

    def put(self, history: list[Event], person: Person) -> None:
        """Insert the rows, or change those that are there to what the events say now."""
        if not self.runs:
            self.runs = [self._run(event, Run()) for event in history]
            Run.objects.bulk_create([run for run in self.runs if run is not None])
            self.dues = [self._due(*each, Occurrence(), person) for each in zip(history, self.runs, strict=True)]
            Occurrence.objects.bulk_create([due for due in self.dues if due is not None])
            self.said = [replace(event) for event in history]
            return
        for event, said, run, due in zip(history, self.said, self.runs, self.dues, strict=True):
            if event == said:
                continue
            if run is not None and self._run(event, run):
                run.save()
            if due is not None and self._due(event, run, due, person):
                due.save()

    def _run(self, event: Event, run: Run) -> Run | None:
        if event.run_state is None:
            return None
        run.task, run.state, run.dry_run = event.task, event.run_state, event.dry_run
        run.origin, run.timeout_seconds, run.attempt = Origin.SCHEDULE, 60, event.attempt
        run.queued_at, run.started_at, run.finished_at = event.queued_at, event.started_at, event.finished_at
        return run

    def _due(self, event: Event, run: Run | None, due: Occurrence, person: Person) -> Occurrence | None:
        if event.task not in self.schedules:
            return None
        due.schedule, due.version = self.schedules[event.task], self.versions[event.task]
        due.scheduled_task, due.position, due.task = self.tasks[event.task], 1, event.task
        due.due_at, due.start_by, due.planned_at = event.due_at, event.due_at + event.allowed, event.due_at
        due.state, due.reason, due.decided_at = Occurrence.State(event.due_state), event.reason, event.decided_at
        due.skipped_by = person if event.by_person else None
        due.run = run if event.due_state == "started" else None
        return due


def expected(history: list[Event], zone: ZoneInfo, now: dt.datetime = NOW) -> dict[tuple[dt.date, str, str], Any]:
    """What RunDay must hold, by day, category and task. Days with nothing are left out."""
    found: dict[tuple[dt.date, str, str], Any] = defaultdict(
        lambda: {name: [] if name in SPREADS else 0 for name in ALL}
    )

    def add(moment: dt.datetime, task: str, figure: str, value: int) -> None:
        category = TASKS[task][0]
        for key in {("", ""), (category, ""), (category, task)} if category else {("", ""), ("", task)}:
            row = found[moment.astimezone(zone).date(), *key]
            if figure in SPREADS:
                row[figure].append(value)
            else:
                row[figure] += value

    for event in history:
        for moment, figure, value in [*_of_run(event), *_of_due(event)]:
            if moment <= now:
                add(moment, event.task, figure, value)
    return found


def _of_run(event: Event) -> list[tuple[dt.datetime, str, int]]:
    at = event.finished_at
    if at is None:
        return []
    if event.dry_run:
        return [(at, "dry_runs", 1)]
    assert event.run_state is not None
    figures = {event.run_state: 1}
    if event.run_state in STATES[:5]:
        figures["attempts"] = event.attempt
    if event.run_state in STATES[:2] and event.started_at is not None:
        if at >= event.started_at:
            figures["durations"] = (at - event.started_at) // dt.timedelta(milliseconds=1)
        if event.started_at >= event.queued_at:
            figures["waits"] = (event.started_at - event.queued_at) // dt.timedelta(milliseconds=1)
    end = _window_end(event)
    if end is not None and end < at and event.started_at is not None and event.run_state in STATES[:6]:
        figures |= {"overran": 1, "overrun_seconds": (at - end) // dt.timedelta(seconds=1)}
    return [(at, figure, value) for figure, value in figures.items()]


def _window_end(event: Event) -> dt.datetime | None:
    """Walk from minute to minute: the window's last opening before it was let start, and its first closing after."""
    window = TASKS[event.task][1]
    if window is None or event.due_state != "started" or event.decided_at is None:
        return None
    minute = event.decided_at.replace(second=0, microsecond=0)
    while minute.time() != window[0]:
        minute -= dt.timedelta(minutes=1)
    while minute.time() != window[1]:
        minute += dt.timedelta(minutes=1)
    return minute


def _of_due(event: Event) -> list[tuple[dt.datetime, str, int]]:
    at = event.due_at
    if not TASKS[event.task][0]:
        return []
    figures: dict[str, int] = {}
    match event.due_state:
        case "missed":
            figures = {"expected": 1, "missed": 1}
        case "skipped":
            held = event.by_person or event.reason.startswith(("freeze", "paused"))
            figures = {"held": 1} if held else {"expected": 1}
        case "started":
            assert event.decided_at is not None
            began = event.run_state is None or event.started_at is not None
            if began or event.run_state not in {*run_states.ACTIVE, "not_configured"}:
                figures["expected"] = 1
            if began and event.decided_at <= at + event.allowed:
                figures["in_time"] = 1
            if began and event.decided_at >= at:
                figures["lateness"] = (event.decided_at - at) // dt.timedelta(milliseconds=1)
    return [(at, figure, value) for figure, value in figures.items()]


def rolled() -> dict[tuple[dt.date, str, str], Any]:
    """What RunDay holds, as `expected` says it; days with nothing left out."""
    rows = {}
    for row in RunDay.objects.all():
        values: dict[str, Any] = {name: getattr(row, name) for name in ALL}
        for name in SPREADS:
            values[name] = list(unpacked(values[name]))
        if any(values.values()):
            rows[row.day, row.category, row.task] = values
    return rows


def in_order(rows: dict[tuple[dt.date, str, str], Any]) -> dict[tuple[dt.date, str, str], Any]:
    """With the values of the spreads in order."""
    return {
        key: {name: sorted(value) if isinstance(value, list) else value for name, value in row.items()}
        for key, row in rows.items()
        if any(row.values())
    }
