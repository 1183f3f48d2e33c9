"""What each figure of runs and due times counts: one condition each, for rolled days and for the rows behind them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Case, DateTimeField, DurationField, F, Func, Q, Value, When
from django.db.models.expressions import Combinable, Expression
from django.db.models.lookups import LessThanOrEqual

from maintenance.models import Occurrence
from maintenance.rules import run_states
from maintenance.rules.dispatch import HELD

_DONE: Final = (run_states.SUCCEEDED, run_states.WARNING)
_COUNTED: Final = (*_DONE, run_states.FAILED, run_states.TIMED_OUT, run_states.LOST)
_REAL: Final = Q(dry_run=False)
# Counted apart, each by its column.
STATES: Final = (*_COUNTED, run_states.CANCELLED, run_states.SKIPPED, run_states.NOT_CONFIGURED)

State = Occurrence.State
_SKIPPED: Final = Q(state=State.SKIPPED)
_ORDERED: Final = Q(skipped_by__isnull=False) | Q(reason__startswith=HELD[0]) | Q(reason__startswith=HELD[1])
_BEGAN: Final = Q(state=State.STARTED) & (Q(run__isnull=True) | Q(run__started_at__isnull=False))
_ENDED_BEFORE: Final = Q(state=State.STARTED, run__started_at__isnull=True)
_NEVER_BEGAN: Final = _ENDED_BEFORE & Q(run__state__in=run_states.FINAL - {run_states.NOT_CONFIGURED})
_IN_TIME: Final = _BEGAN & Q(decided_at__lte=F("start_by"))
_EXPECTED: Final = Q(state=State.MISSED) | (_SKIPPED & ~_ORDERED) | _BEGAN | _NEVER_BEGAN


def _window_ends() -> Combinable:
    """When the window ended in which a scheduled run was let start; null without one. Windows are of UTC."""
    opens, closes = (_time(f"occurrence__version__content__window__{end}") for end in (0, 1))
    day = Func(
        Value("day"), F("occurrence__decided_at") - opens, Value("UTC"), function="date_trunc",
        output_field=DateTimeField(),
    )  # fmt: skip
    over_midnight = Case(
        When(LessThanOrEqual(closes, opens), then=Value(dt.timedelta(days=1))), default=Value(dt.timedelta(0))
    )
    return day + closes + over_midnight


def _time(path: str) -> Expression:
    return Func(F(path), template="(%(expressions)s #>> '{}')::interval", output_field=DurationField())


WINDOW_ENDS: Final = _window_ends()
OVERRAN: Final = _REAL & Q(state__in=run_states.WORKED, started_at__isnull=False) & Q(finished_at__gt=F("window_ends"))

# Of the runs that ended in a period. `overran` needs `window_ends`, which is WINDOW_ENDS.
RUNS: Final[dict[str, Q]] = {
    **{state: _REAL & Q(state=state) for state in STATES},
    "dry_runs": Q(dry_run=True),
    "completed": _REAL & Q(state__in=_DONE),
    "counted": _REAL & Q(state__in=_COUNTED),
    "attempts": _REAL & Q(state__in=_COUNTED),
    "overran": OVERRAN,
    # A clock that went backwards leaves a length unknown.
    "durations": _REAL & Q(state__in=_DONE, finished_at__gte=F("started_at")),
    "waits": _REAL & Q(state__in=_DONE, started_at__gte=F("queued_at")),
}
# Of the due times that came in a period.
OCCURRENCES: Final[dict[str, Q]] = {
    "expected": _EXPECTED,
    "in_time": _IN_TIME,
    "not_in_time": _EXPECTED & ~_IN_TIME,
    "missed": Q(state=State.MISSED),
    "held": _SKIPPED & _ORDERED,
    # There was nothing to start: they are not expected.
    "not_configured": _ENDED_BEFORE & Q(run__state=run_states.NOT_CONFIGURED),
    "lateness": _BEGAN & Q(decided_at__gte=F("due_at")),
}
