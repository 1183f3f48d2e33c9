"""Metrics of tasks: what became of their runs, when the last and the next one is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, Final

from django.db.backends.utils import CursorWrapper
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from maintenance.kpis.run_figures import OCCURRENCES, STATES
from maintenance.kpis.task_totals import BUCKETS
from maintenance.models import Occurrence, ScheduledTask, TaskTotal
from maintenance.rules import run_states
from maintenance.rules.cron import BadTime, due_times
from maintenance.tasks.catalog import CATALOG, choices
from zbmaint.dashboard.metrics.counts import Counts
from zbmaint.dashboard.metrics.exposition import Family, unix
from zbmaint.dashboard.metrics.keeping import Kept
from zbmaint.prepared import Prepared, answers, preparing_cursor

GOOD: Final = (run_states.SUCCEEDED, run_states.WARNING)
# Gaps between due times that are looked at to find the longest.
GAPS: Final = 8
_LAST: Final = """
SELECT t.task, s.state, date_part('epoch', last.at)
FROM unnest(%s::text[]) AS t (task), unnest(%s::text[]) AS s (state), LATERAL (
    SELECT r.finished_at FROM maintenance_run r
    WHERE r.task = t.task AND r.state = s.state AND NOT r.dry_run AND r.finished_at IS NOT NULL
    ORDER BY r.finished_at DESC LIMIT 1
) AS last (at)
"""


# Seconds that a process keeps what it made of runs that ended, unless days are rolled anew.
ENDS_KEPT: Final = 60.0
_ended: Kept[tuple[list[str], list[Family]]] = Kept(ENDS_KEPT)


def ask(now: dt.datetime) -> CursorWrapper:
    """Ask for what is planned."""
    return _PLANNED.ask(now.date())


def families(asked: CursorWrapper, now: dt.datetime, counts: Counts) -> list[Family]:
    """All of them; three queries more, or none while runs are not rolled anew."""
    planned = frozenset(key for key, _ in choices())
    edition = counts.editions.get("runs", 0)
    tasks, ended = _ended.get((planned, edition), lambda: _read_ended(planned))
    return [*ended, _running(tasks, counts.running), *_plans(answers(asked), now)]


def _read_ended(planned: Iterable[str]) -> tuple[list[str], list[Family]]:
    totals = {total.task: total for total in TaskTotal.objects.all()}
    tasks = sorted({*planned, *totals})
    return tasks, [family.joined() for family in (*_counters(tasks, totals), *_ends(tasks), _late())]


def _counters(tasks: Iterable[str], totals: dict[str, TaskTotal]) -> list[Family]:
    runs = Family("zbmaint_task_runs_total", "counter", "Runs of a task that ended, by how; dry runs are not counted.")
    missed = Family("zbmaint_task_missed_total", "counter", "Due times of a task that did not start in time.")
    took = Family("zbmaint_task_duration_seconds", "histogram", "How long runs took that did their work.")
    for task in tasks:
        total = totals.get(task) or TaskTotal(task=task)
        for state in STATES:
            runs.add(getattr(total, state), task=task, result=state)
        missed.add(total.missed, task=task)
        if task in CATALOG or any(total.buckets):
            counts = total.buckets or [0] * (len(BUCKETS) + 1)
            took.add_histogram(BUCKETS, counts, total.milliseconds / 1000, task=task)
    return [runs, missed, took]


def _ends(tasks: list[str]) -> list[Family]:
    last = Family(
        "zbmaint_task_last_success_timestamp_seconds", "gauge", "When a run of a task last succeeded (or warned)."
    )
    ended = Family("zbmaint_task_last_completion_timestamp_seconds", "gauge", "When a run of a task last ended so.")
    good: dict[str, float] = {}
    with preparing_cursor() as cursor:
        cursor.execute(_LAST, [tasks, list(STATES)])
        for task, state, at in cursor.fetchall():
            ended.add(at, task=task, result=state)
            if state in GOOD:
                good[task] = max(at, good.get(task, at))
    for task in sorted(good):
        last.add(good[task], task=task)
    return [last, ended]


def _running(tasks: Iterable[str], numbers: Mapping[str, int]) -> Family:
    family = Family("zbmaint_task_running", "gauge", "Runs of a task that are at work.")
    for task in sorted({*tasks, *numbers}):
        family.add(numbers.get(task, 0), task=task)
    return family


def _plans(planned: Iterable[tuple[Any, ...]], now: dt.datetime) -> list[Family]:
    comes = Family(
        "zbmaint_task_next_run_timestamp_seconds",
        "gauge",
        "When a task is due next; not while it is paused.",
    )
    period = Family(
        "zbmaint_task_period_seconds",
        "gauge",
        "The longest of the next gaps between due times of a task that this version carries out.",
    )
    nexts: dict[str, float] = {}
    gaps: dict[str, float] = {}
    for task, cron, time_zone, due_at in planned:
        nexts[task] = min(due_at, nexts.get(task, due_at))
        gap = longest_gap(cron, time_zone, now.date())
        if task in CATALOG and gap is not None:
            gaps[task] = min(gap, gaps.get(task, gap))
    for task, at in sorted(nexts.items()):
        comes.add(at, task=task)
    for task, gap in sorted(gaps.items()):
        period.add(gap, task=task)
    return [comes, period]


def _scheduled() -> QuerySet[ScheduledTask, Any]:
    rows = ScheduledTask.objects.filter(retired_at__isnull=True, schedule__retired_at__isnull=True)
    return rows.select_related("schedule").order_by("pk")


def _not_paused(today: dt.date) -> QuerySet[ScheduledTask, Any]:
    """Of each its cron, its zone, and when it is due; see `Schedule.is_paused`."""
    running = Q(schedule__paused_at__isnull=True) | Q(schedule__paused_until__lte=today)
    rows = _scheduled().filter(running, schedule__next_due_at__isnull=False)
    return rows.values_list("task", "schedule__cron", "schedule__time_zone", unix("schedule__next_due_at"))


def _began() -> QuerySet[ScheduledTask, Any]:
    """Of tasks that are not carried out none ever began, and all of their history would be looked through for it."""
    latest = Occurrence.objects.filter(OCCURRENCES["lateness"], scheduled_task=OuterRef("pk")).order_by("-due_at")
    rows = (
        _scheduled()
        .filter(task__in=list(CATALOG))
        .annotate(
            began=Subquery(latest.values("due_at")[:1]),
            late=Subquery(latest.values(took=F("decided_at") - F("due_at"))[:1]),
        )
    )
    return rows.values_list("task", "began", "late")


_PLANNED: Final = Prepared(_not_paused, dt.date.min)
_BEGAN: Final = Prepared(_began)


def _late() -> Family:
    family = Family("zbmaint_task_lateness_seconds", "gauge", "How late the latest due time of a task began that did.")
    began: dict[str, tuple[dt.datetime, dt.timedelta]] = {}
    for task, at, late in _BEGAN.rows():
        if at is not None:
            began[task] = max(began.get(task, (at, late)), (at, late))
    for task, (_, late) in sorted(began.items()):
        family.add(late, task=task)
    return family


@lru_cache(maxsize=512)
def longest_gap(cron: str, time_zone: str, day: dt.date) -> float | None:
    """Seconds of the longest gap between the due times that come after `day` begins; None for a cron without two."""
    after = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    try:
        times = list(islice(due_times(cron, time_zone, after), GAPS + 1))
    except BadTime:
        return None
    return max(((later - earlier).total_seconds() for earlier, later in pairwise(times)), default=None)
