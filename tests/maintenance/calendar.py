"""Schedules for tests, in one line each."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from maintenance.actions.schedules import Draft, TaskDraft
from maintenance.models import Category, ScheduledTask

_numbers = itertools.count(1)


def instant(text: str) -> dt.datetime:
    """`2026-04-06 02:00` in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def draft(
    when: str,
    *tasks: str,
    zone: str = "UTC",
    key: str = "",
    rows: Sequence[ScheduledTask] = (),
    facts: dict[str, Any] | None = None,
    **of_the_schedule: Any,
) -> Draft:
    """A schedule of `tasks` (keys) with the same `facts` for each; `rows` are the rows that it edits."""
    name = key or f"schedule-{next(_numbers)}"
    return Draft(
        key=name,
        name=name.title(),
        category=of_the_schedule.pop("category", None) or Category.objects.get(key="preventive"),
        when=when,
        time_zone=zone,
        tasks=tuple(
            TaskDraft(task=task, row=rows[at] if at < len(rows) else None, **(facts or {}))
            for at, task in enumerate(tasks)
        ),
        **of_the_schedule,
    )
