"""What a queued run waits for."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from maintenance.models import Run
from maintenance.rules import run_states
from zbmaint.queue.presence import alive

QUEUE = "long"
# Runs that one cluster of workers carries out at the same time.
AT_ONCE: int = settings.LONG_WORKERS


@dataclass(frozen=True)
class Waiting:
    """`worker_missing`: nobody would ever take the run. `busy_with`: the runs that keep all workers from it."""

    worker_missing: bool
    busy_with: list[Run]
    before_it: int


def reason_to_wait(run: Run) -> Waiting:
    """Why `run`, which is queued, has not begun; three queries."""
    clusters = alive("worker", QUEUE).count()
    running = Run.objects.filter(state=run_states.RUNNING).select_related("target").defer("report", "facts")
    at_work = list(running[: clusters * AT_ONCE + 1])
    return Waiting(
        worker_missing=clusters == 0,
        busy_with=at_work if len(at_work) >= clusters * AT_ONCE else [],
        before_it=Run.objects.filter(state=run_states.QUEUED, pk__lt=run.pk).count(),
    )
