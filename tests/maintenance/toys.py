"""Tasks that do little, for tests of what carries tasks. Put into the catalogue with `with_task`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from maintenance.task import Context, Outcome, Parameter, Task
from maintenance.tasks.catalog import CATALOG


def toy(run: Callable[[Context], Outcome], *, timeout: float = 60, needs: str = "database") -> Task:
    """A task called `toy` that does what `run` does."""
    return Task(
        key="toy",
        title="Toy",
        description="Does what a test needs",
        category="preventive",
        cadence="on demand",
        needs="database" if needs else "",
        run=run,
        timeout=dt.timedelta(seconds=timeout),
        changes_things=True,
        lock_groups=("db:{target}",),
        parameters=(Parameter("size", "Size in things", 5, 1, 10),),
        steps=(("first", "First"), ("second", "Second")),
    )


def succeed(_context: Context) -> Outcome:
    """The least a task can do."""
    return Outcome("succeeded", "Nothing to do.")


def with_task(monkeypatch: pytest.MonkeyPatch, run: Callable[[Context], Outcome] = succeed, **options: object) -> Task:
    """Make the toy task and put it into the catalogue for this test."""
    task = toy(run, **options)  # type: ignore[arg-type]  # the options are toy's own
    monkeypatch.setitem(CATALOG, "toy", task)
    return task
