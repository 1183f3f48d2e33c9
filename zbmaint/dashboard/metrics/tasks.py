"""Metrics of tasks: what became of their runs, when the last and the next one is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from django.db import connection
from django.db.models import Case, Count, DateTimeField, DurationField, F, OuterRef, QuerySet, Subquery, When

from maintenance.kpis.run_figures import OCCURRENCES, STATES
from maintenance.kpis.task_totals import BUCKETS
from maintenance.models import Occurrence, Run, ScheduledTask, TaskTotal
from maintenance.rules import run_states
from maintenance.rules.cron import BadTime, due_times
from maintenance.tasks.catalog import CATALOG, choices
from zbmaint.dashboard.metrics.exposition import Family

GOOD: Final = (run_states.SUCCEEDED, run_states.WARNING)
# Gaps between due times that are looked at to find the longest.
GAPS: Final = 8
_LAST: Final = """
SELECT t.task, s.state, (
    SELECT max(r.finished_at) FROM maintenance_run r
    WHERE r.task = t.task AND r.state = s.state AND NOT r.dry_run AND r.finished_at IS NOT NULL
) FROM unnest(%s::text[]) AS t (task), unnest(%s::text[]) AS s (state)
"""


def families(now: dt.datetime) -> list[Family]:
    """All of them; four queries."""
    totals = {total.task: total for total in TaskTotal.objects.all()}
    tasks = sorted({key for key, _ in choices()} | set(totals))
    return [*_counters(tasks, totals), *_ends(tasks), _running(tasks), *_plans(now)]


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
    good: dict[str, dt.datetime] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [tasks, list(STATES)])
        for task, state, at in cursor.fetchall():
            ended.add(at, task=task, result=state)
            if at is not None and state in GOOD:
                good[task] = max(at, good.get(task, at))
    for task in sorted(good):
        last.add(good[task], task=task)
    return [last, ended]


def _running(tasks: Iterable[str]) -> Family:
    family = Family("zbmaint_task_running", "gauge", "Runs of a task that are at work.")
    rows = Run.objects.filter(state=run_states.RUNNING).order_by().values_list("task").annotate(number=Count("pk"))
    numbers = dict(rows)
    for task in sorted({*tasks, *numbers}):
        family.add(numbers.get(task, 0), task=task)
    return family


def _plans(now: dt.datetime) -> list[Family]:
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
    late = Family("zbmaint_task_lateness_seconds", "gauge", "How late the latest due time of a task began that did.")
    nexts: dict[str, dt.datetime] = {}
    gaps: dict[str, float] = {}
    began: dict[str, tuple[dt.datetime, dt.timedelta]] = {}
    for row in _scheduled():
        if row.began is not None:
            began[row.task] = max(began.get(row.task, (row.began, row.late)), (row.began, row.late))
        schedule = row.schedule
        if schedule.next_due_at is None or schedule.is_paused(now):
            continue
        nexts[row.task] = min(schedule.next_due_at, nexts.get(row.task, schedule.next_due_at))
        gap = longest_gap(schedule.cron, schedule.time_zone, now.date())
        if row.task in CATALOG and gap is not None:
            gaps[row.task] = min(gap, gaps.get(row.task, gap))
    for task, at in sorted(nexts.items()):
        comes.add(at, task=task)
    for task, gap in sorted(gaps.items()):
        period.add(gap, task=task)
    for task, (_, lateness) in sorted(began.items()):
        late.add(lateness, task=task)
    return [comes, period, late]


def _scheduled() -> QuerySet[ScheduledTask]:
    """Every scheduled task, with when the latest due time of it that began was (`began`), and how `late`.

    Of tasks that are not carried out none ever began, and all of their history would be looked through for it.
    """
    latest = Occurrence.objects.filter(OCCURRENCES["lateness"], scheduled_task=OuterRef("pk")).order_by("-due_at")
    latest = latest.annotate(took=F("decided_at") - F("due_at"))

    def of(name: str) -> Case:
        field = DateTimeField() if name == "due_at" else DurationField()
        return Case(When(task__in=list(CATALOG), then=Subquery(latest.values(name)[:1])), output_field=field)

    rows = ScheduledTask.objects.filter(retired_at__isnull=True, schedule__retired_at__isnull=True)
    return rows.select_related("schedule").annotate(began=of("due_at"), late=of("took")).order_by("pk")


@lru_cache(maxsize=512)
def longest_gap(cron: str, time_zone: str, day: dt.date) -> float | None:
    """Seconds of the longest gap between the due times that come after `day` begins; None for a cron without two."""
    after = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    try:
        times = list(islice(due_times(cron, time_zone, after), GAPS + 1))
    except BadTime:
        return None
    return max(((later - earlier).total_seconds() for earlier, later in pairwise(times)), default=None)
