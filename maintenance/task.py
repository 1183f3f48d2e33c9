"""What a task is, and what the runner gives it to work with.

A task is a function of a `Context`. It reports while it works (steps, log lines, facts, findings) and returns an
`Outcome`; it never writes to our database itself: what it is there to keep, an action keeps. The runner implements
`Context` (`maintenance.runner`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import psycopg

from maintenance.models import Target

Level = Literal["info", "warn", "error"]
Severity = Literal["critical", "high", "medium", "low"]
StepState = Literal["passed", "warning", "failed", "skipped", "cancelled"]


class TaskFailed(Exception):
    """The task cannot do its work; the message is for people, says what to do, and holds no secret."""


class Cancelled(Exception):
    """A person cancelled the run."""


class OutOfTime(Exception):
    """The run reached its time limit."""


@dataclass(frozen=True)
class Sighting:
    """A finding as a task sees it. `kind` + `subject` name it from run to run; `fix` is the exact statement or step."""

    kind: str
    subject: str
    title: str
    severity: Severity
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a task ended by itself. `examined` lists the kinds of finding that were looked for completely: findings of
    these kinds that were not seen are resolved."""

    state: Literal["succeeded", "warning", "failed", "not_configured"]
    verdict: str
    examined: frozenset[str] = frozenset()


class Step(Protocol):
    """A step that is under way. Safe to use from any thread of the task."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Say how far the engine is, in its own unit, such as pages."""

    def finish(self, state: StepState, note: str = "") -> None:
        """End the step with a verdict; leaving the step's `with` block without it means `passed`."""


class Context(Protocol):
    """What the runner gives to a task. All methods are safe to call from any thread of the task."""

    run_id: int
    target: Target | None
    parameters: Mapping[str, Any]
    dry_run: bool
    # The report of the last run of this task on this target that did its work; empty for the first.
    previous_report: Mapping[str, Any]

    def plan(self, steps: list[tuple[str, str]]) -> None:
        """Append pending steps (key, name) so that people see what is to come. Known keys are left as they are."""

    def step(self, key: str, name: str = "") -> AbstractContextManager[Step]:
        """Begin a planned step (or a new one). An exception inside marks it failed, cancelled or skipped."""

    def skip(self, key: str, note: str) -> None:
        """End a step as skipped, with the reason; one that has ended stays as it is."""

    def log(self, text: str, level: Level = "info") -> None:
        """Append a line to the run's log."""

    def fact(self, key: str, label: str, value: Any, *, unit: str = "", note: str = "") -> None:
        """State a measured fact (JSON-ready value; unit such as bytes or seconds). The same key replaces."""

    def find(self, sighting: Sighting) -> None:
        """Report a finding."""

    def report(self, **values: Any) -> None:
        """Set keys of the run's report (JSON-ready values)."""

    def overall(self, percent: int) -> None:
        """Set the progress of the whole run, 0 to 100."""

    def seconds_left(self) -> float:
        """Seconds until the run's time limit."""

    def check(self) -> None:
        """Raise Cancelled or OutOfTime when the run should stop."""

    def session(self, purpose: str) -> AbstractContextManager[psycopg.Connection[dict[str, Any]]]:
        """Open a connection (autocommit, rows as dicts) to the target for `purpose`, such as "vacuum 1".

        Its `application_name` is `zbmaint:run-<id>:<purpose>`. While it is open, a cancelled run cancels the statement
        it executes, on the server. Raises TaskFailed naming what is wrong: host, password or database.
        """


@dataclass(frozen=True)
class Parameter:
    """A number that a person may set for a run. Units are in `label`."""

    key: str
    label: str
    default: int
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Task:
    """A kind of maintenance work. `lock_groups` are exclusive; `{target}` in them is the target's name."""

    key: str
    title: str
    description: str
    category: Literal["preventive", "corrective", "adaptive", "perfective"]
    cadence: str
    needs: Literal["database", ""]
    run: Callable[[Context], Outcome]
    timeout: dt.timedelta
    changes_things: bool
    lock_groups: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    # Whether the report of a run goes to the monitoring webhook.
    announces: bool = False
    steps: tuple[tuple[str, str], ...] = field(default=())

    def iter_locks(self, target: Target | None) -> Iterator[str]:
        """The lock groups of a run on `target`."""
        for group in self.lock_groups:
            yield group.format(target=target.name if target else "")
