"""Keeps TaskTotal: with every roll of a day, what the day holds now is added and what it held before is taken away."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from maintenance.kpis.run_figures import STATES
from maintenance.models import RunDay, TaskTotal
from zbmaint.rollup.spread import unpacked

# Seconds; what took longer is counted after the last one.
BUCKETS: Final = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400)
_COUNTS: Final = (*STATES, "missed")
Change = dict[str, list[int]]


def keep(before: Iterable[RunDay], after: Iterable[RunDay]) -> None:
    """Go from the rows of a day as they were to the rows as they are; those of tasks matter. Two queries, or none."""
    changes: Change = defaultdict(lambda: [0] * (len(_COUNTS) + 1 + len(BUCKETS) + 1))
    for sign, rows in ((-1, before), (1, after)):
        for row in rows:
            if row.task:
                change = changes[row.task]
                changes[row.task] = [old + sign * new for old, new in zip(change, _values(row), strict=True)]
    changed = {task: change for task, change in changes.items() if any(change)}
    if not changed:
        return
    totals = TaskTotal.objects.in_bulk(changed)
    TaskTotal.objects.bulk_create(
        [_changed(totals.get(task) or TaskTotal(task=task), change) for task, change in sorted(changed.items())],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=[*_COUNTS, "milliseconds", "buckets"],
    )


def _values(row: RunDay) -> list[int]:
    """The numbers of a row: the counts, the time in all, and how many took how long."""
    lengths = unpacked(row.durations)
    buckets = [0] * (len(BUCKETS) + 1)
    for length in lengths:
        buckets[bisect_left(BUCKETS, length / 1000)] += 1
    return [*(getattr(row, name) for name in _COUNTS), sum(lengths), *buckets]


def _changed(total: TaskTotal, change: list[int]) -> TaskTotal:
    for name, by in zip((*_COUNTS, "milliseconds"), change, strict=False):
        setattr(total, name, max(0, getattr(total, name) + by))
    buckets = total.buckets or [0] * (len(BUCKETS) + 1)
    by_bucket = change[len(_COUNTS) + 1 :]
    total.buckets = [max(0, number + by) for number, by in zip(buckets, by_bucket, strict=True)]
    return total
