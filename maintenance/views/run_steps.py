"""The steps of a run as a list on its page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from maintenance.models import RunStep

MAX_ROWS = 40
WINDOW = 10  # of many steps, those that are shown change only so often, and with them the whole list
PENDING, RUNNING = RunStep.State.PENDING, RunStep.State.RUNNING


@dataclass(frozen=True)
class StepRow:
    """One step, in plain values. `done` of `total` are in `unit`, None while the engine does not say."""

    position: int
    state: str
    label: str
    name: str
    note: str
    done: int | None
    total: int | None
    unit: str
    started_at: dt.datetime | None
    took: dt.timedelta | None

    @classmethod
    def of(cls, step: RunStep) -> StepRow:
        """Read a step. `took` is None for one that never began or still works, or while which a clock went back."""
        begun, ended = step.started_at, step.finished_at
        measured = step.state == RUNNING and step.total and step.done is not None
        return cls(
            position=step.position,
            state=step.state,
            label=step.get_state_display(),
            name=step.name,
            note=step.note,
            done=step.done if measured else None,
            total=step.total if measured else None,
            unit=step.unit,
            started_at=begun,
            took=ended - begun if begun and ended and ended >= begun else None,
        )


@dataclass(frozen=True)
class StepRows:
    """The steps to show, and figures about all of them."""

    shown: list[StepRow]
    total: int
    done: int
    now: list[int]

    @property
    def hidden(self) -> int:
        """How many are left out."""
        return self.total - len(self.shown)

    @property
    def running_text(self) -> str:
        """Which steps are at work: "Running, step 5 of 11"."""
        if not self.now:
            return "Running"
        numbers = " and ".join(f"{position:,}" for position in self.now[:2])
        return f"Running, step{'s' if len(self.now) > 1 else ''} {numbers} of {self.total:,}"


def step_rows(steps: list[RunStep]) -> StepRows:
    """Arrange `steps`, which are in order. Of more than MAX_ROWS, those that are or were something special stay."""
    now = [number for number, step in enumerate(steps, start=1) if step.state == RUNNING]
    done = sum(step.state in (RunStep.State.PASSED, RunStep.State.WARNING) for step in steps)
    return StepRows([StepRow.of(step) for step in _notable(steps)], len(steps), done, now)


def _notable(steps: list[RunStep]) -> list[RunStep]:
    """At most MAX_ROWS: running ones, then failed, skipped and warned ones, then the ones nearest to the work."""
    if len(steps) <= MAX_ROWS:
        return steps
    ordinary = (PENDING, RunStep.State.PASSED)
    here = next((at for at, step in enumerate(steps) if step.state in (PENDING, RUNNING)), len(steps))
    here -= here % WINDOW

    def rank(at: int) -> tuple[int, int]:
        state = steps[at].state
        return (0 if state == RUNNING else 2 if state in ordinary else 1, abs(at - here))

    chosen = sorted(sorted(range(len(steps)), key=rank)[:MAX_ROWS])
    return [steps[at] for at in chosen]
