"""How a due time is marked and counted on pages: by what became of it, and of its run."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Final

from maintenance.rules import run_states

PLANNED, WAITING, MISSED, SKIPPED, GONE = "pending", "waiting", "missed", "skipped", "gone"
# Worst first: a slot is marked with the first of these that one of its tasks has.
LABELS: Final[dict[str, str]] = {
    run_states.RUNNING: "running",
    run_states.QUEUED: "queued",
    WAITING: "waiting",
    run_states.FAILED: "failed",
    run_states.LOST: "lost",
    run_states.TIMED_OUT: "timed out",
    MISSED: "missed",
    run_states.NOT_CONFIGURED: "not configured",
    run_states.WARNING: "with a warning",
    run_states.CANCELLED: "cancelled",
    SKIPPED: "skipped",
    GONE: "started, its run is not kept any more",
    PLANNED: "planned",
    run_states.SUCCEEDED: "succeeded",
}
BAD: Final = frozenset({run_states.FAILED, run_states.LOST, run_states.TIMED_OUT, MISSED})
ODD: Final = frozenset({run_states.NOT_CONFIGURED, run_states.WARNING, WAITING})
WORKING_EVENING = 17  # o'clock UTC


def mark_of(state: str, run_state: str | None, due_at: dt.datetime, now: dt.datetime) -> str:
    """The mark of an occurrence in `state` whose run, if it has one, is in `run_state`."""
    if state == "due":
        return WAITING if due_at <= now else PLANNED
    if state == "started":
        return run_state or GONE
    return state


def label_of(mark: str) -> str:
    """The word of a mark as a heading has it: Not configured."""
    text = {run_states.WARNING: "warning", GONE: "started"}.get(mark, LABELS.get(mark, mark))
    return text[:1].upper() + text[1:]


def worst(marks: Iterable[str]) -> str:
    """The mark that a slot is shown with; planned when it has no tasks."""
    present = set(marks)
    return next((mark for mark in LABELS if mark in present), PLANNED)


def counted(marks: Iterable[str]) -> str:
    """What became of a slot's tasks, worst first: 1 failed, 7 not configured."""
    counts = Counter(marks)
    if len(counts) == 1:
        mark, count = counts.most_common()[0]
        return label_of(mark) if count == 1 else f"All {count} {LABELS.get(mark, mark)}"
    return ", ".join(f"{counts[mark]} {label}" for mark, label in LABELS.items() if counts[mark])


def height_of(mark: str) -> int:
    """How tall a slot stands in the small history, of 14: what went wrong is taller, what did not start is low."""
    return 14 if mark in BAD else 12 if mark in ODD else 5 if mark in (SKIPPED, run_states.CANCELLED) else 9


def story_begins(now: dt.datetime) -> dt.datetime:
    """Where the story of last night begins: at the full hour 24 hours ago, or at the end of the last working day (UTC).

    On a Monday morning that is Friday evening, so that nothing of the weekend is passed over.
    """
    evening = now.replace(hour=WORKING_EVENING, minute=0, second=0, microsecond=0)
    while evening > now or evening.isoweekday() > 5:
        evening -= dt.timedelta(days=1)
    return min(now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=24), evening)
