"""RunContext: what a task works with. See `maintenance.task.Context` for the meaning of each method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from maintenance.connectors.postgres import ConnectionProblem, open_session
from maintenance.models import Run, Target
from maintenance.runner.control import Control, Session
from maintenance.runner.journal import Journal
from maintenance.task import Cancelled, Level, OutOfTime, Sighting, StepState, TaskFailed


class RunStepHandle:
    """A step under way."""

    def __init__(self, journal: Journal, key: str) -> None:
        self._journal = journal
        self._key = key

    def progress(self, done: int, total: int, unit: str) -> None:
        """Say how far the engine is."""
        self._journal.advance(self._key, done, total, unit)

    def finish(self, state: StepState, note: str = "") -> None:
        """End the step with a verdict."""
        self._journal.end(self._key, state, note)


class RunContext:
    """Implements `Context` for one run; every method may be called from any thread of the task."""

    def __init__(self, run: Run, journal: Journal, control: Control) -> None:
        self.run_id = run.pk
        self.target: Target | None = run.target
        self.parameters: Mapping[str, Any] = run.parameters
        self.dry_run = run.dry_run
        self.previous_report: Mapping[str, Any] = Run.objects.previous_report(run)
        self._journal = journal
        self._control = control

    def plan(self, steps: list[tuple[str, str]]) -> None:
        """Append pending steps."""
        for key, name in steps:
            self._journal.plan(key, name)

    @contextmanager
    def step(self, key: str, name: str = "") -> Iterator[RunStepHandle]:
        """Begin a step; it ends as passed, or by what is raised inside."""
        self.check()
        self._journal.begin(key, name)
        handle = RunStepHandle(self._journal, key)
        try:
            yield handle
        except (Cancelled, OutOfTime) as stop:
            self._journal.end(key, "cancelled", str(stop))
            raise
        except BaseException as problem:
            # A cancelled statement surfaces as an error of the driver: the reason to stop is the truth.
            if self._control.reason is not None:
                self._journal.end(key, "cancelled", "stopped")
                self.check()
            self._journal.end(key, "failed", first_line(problem))
            raise
        if self._journal.is_open(key):
            self._journal.end(key, "passed", "")

    def skip(self, key: str, note: str) -> None:
        """End a step as skipped unless it has ended."""
        if self._journal.is_open(key):
            self._journal.end(key, "skipped", note)

    def log(self, text: str, level: Level = "info") -> None:
        """Append to the log, one entry a line of `text`."""
        for line in text.splitlines() or [""]:
            self._journal.line(line, level)

    def fact(self, key: str, label: str, value: Any, *, unit: str = "", note: str = "") -> None:
        """State a fact."""
        self._journal.fact(key, {"label": label, "value": value, "unit": unit, "note": note})

    def find(self, sighting: Sighting) -> None:
        """Report a finding."""
        self._journal.sightings.append(sighting)

    def report(self, **values: Any) -> None:
        """Set keys of the report."""
        self._journal.set_report(values)

    def overall(self, percent: int) -> None:
        """Set the progress of the whole run; it never goes back."""
        self._journal.progress = max(self._journal.progress, min(100, percent))

    def seconds_left(self) -> float:
        """Seconds until the time limit."""
        return self._control.seconds_left()

    def check(self) -> None:
        """Raise when the run has to stop."""
        self._control.check()

    @contextmanager
    def session(self, purpose: str) -> Iterator[Session]:
        """Open a session on the target that a cancelled run cancels."""
        if self.target is None:
            raise TaskFailed("This task needs a target.")
        self.check()
        name = f"zbmaint:run-{self.run_id}:{purpose}"
        try:
            session = open_session(self.target.reference, application_name=name)
        except ConnectionProblem as problem:
            raise TaskFailed(str(problem)) from problem
        self._control.add(session)
        try:
            yield session
        finally:
            self._control.remove(session)
            session.close()


def first_line(problem: BaseException) -> str:
    """The first line of what an exception says, for people; its kind when it says nothing."""
    if isinstance(problem, psycopg.Error) and problem.diag.message_primary:
        return problem.diag.message_primary
    text = str(problem).strip()
    return text.splitlines()[0] if text else type(problem).__name__
