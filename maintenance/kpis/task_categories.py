"""The category of each task: what the catalogue says, or else the schedule that names it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F

from maintenance.models import ScheduledTask

_catalogue: dict[str, str] = {}


def register(categories: Mapping[str, str]) -> None:
    """Say what the catalogue of tasks, which lies above, knows: category by key of the task."""
    _catalogue.update(categories)


def by_task() -> dict[str, str]:
    """Category by task. Of several schedules that name a task the first active one decides,
    or the one that was retired last; one query."""
    rows = ScheduledTask.objects.order_by(
        "task",
        F("schedule__retired_at").desc(nulls_first=True),
        F("retired_at").desc(nulls_first=True),
        "schedule__rank",
        "pk",
    )
    scheduled = dict(rows.distinct("task").values_list("task", "schedule__category__key"))
    return scheduled | _catalogue
