"""Last night's story: every due time since the last working evening, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from maintenance.models import Occurrence, Schedule
from maintenance.rules.occurrence_words import MISSED, SKIPPED, counted, label_of, mark_of, story_begins, worst
from maintenance.rules.run_words import what_is_new
from maintenance.tasks.catalog import title_of
from maintenance.views.run_page import A_MOMENT

MAX_ROWS = 300


@dataclass(frozen=True)
class StoryRow:
    """One task of a slot and what became of it."""

    occurrence: Occurrence
    mark: str
    may_be_taken_back: bool

    @property
    def title(self) -> str:
        """What the calendar calls the task."""
        return self.occurrence.scheduled_task.label or title_of(self.occurrence.task)

    @property
    def label(self) -> str:
        """The word of its state."""
        return label_of(self.mark)

    @property
    def stands_out(self) -> bool:
        """Whether the work was not even begun."""
        return self.mark in (MISSED, SKIPPED)

    @property
    def says(self) -> str:
        """Why it waits, was skipped or missed; otherwise the verdict of its run."""
        row = self.occurrence
        if row.skipped_by:
            return f"{row.reason} ({row.skipped_by.username})"
        if row.reason:
            return row.reason[:1].upper() + row.reason[1:]
        return what_is_new(row.run.state, row.run.verdict) if row.run and row.run.verdict else ""

    @property
    def lateness(self) -> dt.timedelta | None:
        """How long after its time the work began; None when it did not, or was on time."""
        row = self.occurrence
        began = (row.run.started_at if row.run else None) or row.decided_at
        if row.state != Occurrence.State.STARTED or began is None or began - row.due_at < A_MOMENT:
            return None
        return began - row.due_at


@dataclass(frozen=True)
class StorySlot:
    """One due time of a schedule."""

    schedule: Schedule
    due_at: dt.datetime
    rows: list[StoryRow]

    @property
    def mark(self) -> str:
        """The worst mark."""
        return worst(row.mark for row in self.rows)

    @property
    def says(self) -> str:
        """1 failed, 7 succeeded."""
        return counted(row.mark for row in self.rows)


@dataclass(frozen=True)
class Story:
    """The slots since `begins`, newest first; `left_out` older rows are not shown."""

    begins: dt.datetime
    slots: list[StorySlot]
    left_out: int

    @property
    def says(self) -> str:
        """What became of everything, worst first."""
        return counted(row.mark for slot in self.slots for row in slot.rows)


def read_story(now: dt.datetime) -> Story:
    """The story; one query, two when there is more than a page can show."""
    begins = story_begins(now)
    found = Occurrence.objects.filter(Q(due_at__gte=begins) | Q(state=Occurrence.State.DUE), due_at__lte=now)
    rows = list(
        found.select_related("schedule", "scheduled_task", "run", "run__target", "skipped_by")
        .defer("run__report", "run__facts", "run__parameters")
        .order_by("-due_at", "schedule__rank", "schedule", "position")[: MAX_ROWS + 1]
    )
    left_out = found.count() - MAX_ROWS if len(rows) > MAX_ROWS else 0
    slots = [
        StorySlot(group[0].schedule, group[0].due_at, [_row(row, now) for row in group])
        for _, members in groupby(rows[:MAX_ROWS], key=lambda row: (row.due_at, row.schedule_id))
        if (group := list(members))
    ]
    return Story(begins, slots, left_out)


def _row(row: Occurrence, now: dt.datetime) -> StoryRow:
    mark = mark_of(row.state, row.run.state if row.run else None, row.due_at, now)
    undo = row.state == Occurrence.State.SKIPPED and row.skipped_by is not None and now <= row.start_by
    return StoryRow(row, mark, undo)
