"""Time for the parts of a run: what a statement may take, and when nothing new is begun."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from maintenance.task import Context

# Kept back at the end for proof and report, in seconds and as a share of the whole.
RESERVE_SECONDS: Final = 30.0
RESERVE_SHARE: Final = 0.05
SHORTEST_STATEMENT: Final = 1.0


@dataclass(frozen=True)
class Allowance:
    """Seconds that a statement may take; `by_run` when the run's own limit sets them, not the table's budget."""

    seconds: float
    by_run: bool

    @property
    def milliseconds(self) -> int:
        """For statement_timeout."""
        return max(1, int(self.seconds * 1000))

    def is_used_up(self, seconds: float) -> bool:
        """Whether a statement that ran so long was ended by this limit and not by a person."""
        return seconds >= self.seconds - 0.05


class Clock:
    """Hands out the run's time. `seconds` since its start."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._began = time.monotonic()
        self._reserve = min(RESERVE_SECONDS, RESERVE_SHARE * context.seconds_left())

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def allow(self, budget: float, until: float | None = None) -> Allowance | None:
        """Allow a statement its `budget` in seconds, less when the run (or `until`, on this clock) ends before that.

        None when there is no time left to begin anything.
        """
        left = self._context.seconds_left() - self._reserve
        if until is not None:
            left = min(left, until - self.seconds)
        if left < SHORTEST_STATEMENT:
            return None
        return Allowance(min(budget, left), by_run=left < budget)
