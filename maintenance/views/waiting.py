"""What a queued run waits for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from maintenance.models import Run
from maintenance.rules import run_states
from zbmaint.queue.presence import alive

QUEUE = "long"


@dataclass(frozen=True)
class Waiting:
    """`worker_missing`: nobody would ever take the run. `busy_with`: running runs that keep the workers."""

    worker_missing: bool
    busy_with: list[Run]
    before_it: int


def reason_to_wait(run: Run) -> Waiting:
    """Why `run`, which is queued, has not begun; three queries."""
    at_work: QuerySet[Run] = Run.objects.filter(state=run_states.RUNNING).select_related("target")
    return Waiting(
        worker_missing=not alive("worker", QUEUE).exists(),
        busy_with=list(at_work.defer("report", "facts")[:5]),
        before_it=Run.objects.filter(state=run_states.QUEUED, pk__lt=run.pk).count(),
    )
