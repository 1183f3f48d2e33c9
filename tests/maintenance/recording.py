"""A context for tasks that keeps in memory what a task reports, and opens real sessions."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from maintenance.connectors.postgres import ConnectionProblem, Session, open_session
from maintenance.models import Target
from maintenance.task import Cancelled, Context, Level, OutOfTime, Sighting, StepState, TaskFailed

RUN_ID = 7


@dataclass
class RecordedStep:
    """A step as a task reported it."""

    name: str
    state: str = "pending"
    note: str = ""
    progressed: list[tuple[int, int, str]] = field(default_factory=list)

    def progress(self, done: int, total: int, unit: str) -> None:
        self.progressed.append((done, total, unit))

    def finish(self, state: StepState, note: str = "") -> None:
        self.state, self.note = state, note


class RecordingContext:
    """Implements `Context`. `reference` leads to the target; `at_step` is called when the step of that key begins."""

    def __init__(
        self,
        reference: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        previous_report: Mapping[str, Any] | None = None,
        seconds: float = 600.0,
        at_step: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self.run_id = RUN_ID
        self.target: Target | None = Target(name="shop", reference=reference)
        self.parameters: Mapping[str, Any] = parameters or {}
        self.dry_run = dry_run
        self.previous_report: Mapping[str, Any] = previous_report or {}
        self.steps: dict[str, RecordedStep] = {}
        self.lines: list[tuple[str, str]] = []
        self.facts: dict[str, Any] = {}
        self.sightings: list[Sighting] = []
        self.reported: dict[str, Any] = {}
        self.percentages: list[int] = []
        self._deadline = time.monotonic() + seconds
        self.at_step = dict(at_step or {})
        self._cancelled = threading.Event()
        self._sessions: set[Session] = set()
        self._lock = threading.Lock()

    # -- what a task calls ----------------------------------------------------------------------------------------

    def plan(self, steps: list[tuple[str, str]]) -> None:
        for key, name in steps:
            self.steps.setdefault(key, RecordedStep(name))

    @contextmanager
    def step(self, key: str, name: str = "") -> Iterator[RecordedStep]:
        self.check()
        with self._lock:
            step = self.steps.setdefault(key, RecordedStep(name or key))
        step.state = "running"
        if key in self.at_step:
            self.at_step[key]()
        try:
            yield step
        except (Cancelled, OutOfTime):
            step.state = "cancelled"
            raise
        except BaseException as problem:
            step.state, step.note = "failed", str(problem)
            raise
        if step.state == "running":
            step.state = "passed"

    def skip(self, key: str, note: str) -> None:
        if self.steps[key].state in ("pending", "running"):
            self.steps[key].finish("skipped", note)

    def log(self, text: str, level: Level = "info") -> None:
        self.lines.append((level, text))

    def fact(self, key: str, label: str, value: Any, *, unit: str = "", note: str = "") -> None:
        self.facts[key] = json.loads(json.dumps({"label": label, "value": value, "unit": unit, "note": note}))

    def find(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)

    def report(self, **values: Any) -> None:
        # A report that is not ready for JSON fails here.
        self.reported |= json.loads(json.dumps(values))

    def overall(self, percent: int) -> None:
        self.percentages.append(percent)

    def seconds_left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled("cancelled by a person")
        if time.monotonic() >= self._deadline:
            raise OutOfTime("the time limit was reached")

    @contextmanager
    def session(self, purpose: str) -> Iterator[Session]:
        assert self.target is not None
        try:
            session = open_session(self.target.reference, application_name=f"zbmaint:run-{RUN_ID}:{purpose}")
        except ConnectionProblem as problem:
            raise TaskFailed(str(problem)) from problem
        with self._lock:
            self._sessions.add(session)
        try:
            yield session
        finally:
            with self._lock:
                self._sessions.discard(session)
            session.close()

    # -- what a test asks -----------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """What the runner does when a person cancels: say so, and cancel what the sessions execute until they end."""
        self._cancelled.set()
        threading.Thread(target=self._cancel_statements, daemon=True).start()

    def _cancel_statements(self) -> None:
        while True:
            with self._lock:
                sessions = list(self._sessions)
            if not sessions:
                return
            for session in sessions:
                with contextlib.suppress(psycopg.Error):
                    session.cancel_safe(timeout=3)
            time.sleep(0.1)

    def row(self, table: str) -> dict[str, Any]:
        """The report's row of a table."""
        return next(row for row in self.reported["tables"] if row["table"] == table)

    def verdict(self, table: str) -> str:
        """A table's verdict and reason as people read them."""
        row = self.row(table)
        return f"{row['verdict']}: {row['reason']}" if row["reason"] else str(row["verdict"])

    def found(self, kind: str) -> list[Sighting]:
        """The findings of a kind."""
        return [sighting for sighting in self.sightings if sighting.kind == kind]

    def log_text(self) -> str:
        """The whole log."""
        return "\n".join(text for _, text in self.lines)


def _implements(context: RecordingContext) -> Context:
    """For mypy: it is a Context."""
    return context
