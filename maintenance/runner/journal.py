"""Journal: what a task reports, gathered from its threads and written to our database in batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db import transaction
from django.utils import timezone

from maintenance.models import Level, LogLine, Run, RunStep
from maintenance.rules import run_states
from maintenance.task import Sighting

MAX_LINE = 4000  # characters; a longer line is cut, so that one notice cannot fill the page


@dataclass
class _Batch:
    lines: list[LogLine] = field(default_factory=list)
    steps: list[RunStep] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)


class Journal:
    """Collects in memory, from any thread; `flush` writes what is new while the run still holds its token.

    What could not be written stays and is written by the next flush, so a short outage of our database loses nothing.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = Lock()
        self._flushing = Lock()
        self._steps: dict[str, RunStep] = {step.key: step for step in run.steps.all()}
        self._changed: set[str] = set()
        self._lines: list[LogLine] = []
        last = run.log_lines.order_by("-number").first()
        self._number = last.number if last else 0
        self._dirty: set[str] = set()
        self.facts: dict[str, dict[str, Any]] = {}
        self.report: dict[str, Any] = {}
        self.sightings: list[Sighting] = []
        self.progress = 0

    def line(self, text: str, level: str) -> None:
        """Append a log line, numbered without gaps."""
        with self._lock:
            self._number += 1
            self._lines.append(
                LogLine(
                    run=self._run,
                    number=self._number,
                    at=timezone.now(),
                    level=Level(level),
                    # PostgreSQL stores no NUL; a server that sends one must not end the run.
                    text=text.replace("\x00", "\N{SYMBOL FOR NULL}")[:MAX_LINE],
                )
            )

    def plan(self, key: str, name: str) -> None:
        """Append a pending step unless the key is known."""
        with self._lock:
            self._known(key, name)

    def _known(self, key: str, name: str) -> RunStep:
        step = self._steps.get(key)
        if step is None:
            step = RunStep(run=self._run, position=len(self._steps) + 1, key=key[:200], name=(name or key)[:200])
            self._steps[key] = step
            self._changed.add(key)
        return step

    def begin(self, key: str, name: str) -> None:
        """Set a step to running."""
        with self._lock:
            step = self._known(key, name)
            step.state, step.started_at = RunStep.State.RUNNING, timezone.now()
            self._changed.add(key)

    def advance(self, key: str, done: int, total: int, unit: str) -> None:
        """Set a step's progress."""
        with self._lock:
            step = self._steps[key]
            step.done, step.total, step.unit = done, total, unit
            self._changed.add(key)

    def end(self, key: str, state: str, note: str) -> None:
        """Set a step's verdict."""
        with self._lock:
            step = self._known(key, key)
            step.state, step.note, step.finished_at = state, note[:300], timezone.now()
            self._changed.add(key)

    def begin_again(self) -> None:
        """Set every step back to pending, for another attempt; the log goes on, findings and facts are taken anew."""
        with self._lock:
            for key, step in self._steps.items():
                step.state, step.note, step.done, step.total = RunStep.State.PENDING, "", None, None
                step.started_at = step.finished_at = None
                self._changed.add(key)
            self.sightings.clear()
            self.facts.clear()
            self.report.clear()
            self._dirty.update(("facts", "report"))

    def is_open(self, key: str) -> bool:
        """Whether the step has no verdict yet; so has one that nobody has planned."""
        with self._lock:
            step = self._steps.get(key)
            return step is None or step.state in (RunStep.State.PENDING, RunStep.State.RUNNING)

    def fact(self, key: str, value: dict[str, Any]) -> None:
        """Set a fact."""
        with self._lock:
            self.facts[key] = {"key": key, **value}
            self._dirty.add("facts")

    def set_report(self, values: dict[str, Any]) -> None:
        """Set keys of the report."""
        with self._lock:
            self.report.update(values)
            self._dirty.add("report")

    def flush(self) -> bool:
        """Write what is new. False when the run is not ours any more; database errors are raised, nothing is lost."""
        with self._flushing:
            with self._lock:
                batch = self._take()
            if not (batch.lines or batch.steps or batch.run):
                return True
            try:
                held = self._write(batch)
            except BaseException:
                with self._lock:
                    self._put_back(batch)
                raise
            with self._lock:
                self._lines = self._lines[len(batch.lines) :]
            return held

    def _take(self) -> _Batch:
        steps = [self._steps[key] for key in self._changed]
        values: dict[str, Any] = {}
        if "facts" in self._dirty:
            values["facts"] = list(self.facts.values())
        if "report" in self._dirty:
            values["report"] = dict(self.report)
        self._changed, self._dirty = set(), set()
        return _Batch(list(self._lines), sorted(steps, key=lambda step: step.position), values)

    def _put_back(self, batch: _Batch) -> None:
        self._changed.update(step.key for step in batch.steps)
        self._dirty.update(batch.run)

    @transaction.atomic
    def _write(self, batch: _Batch) -> bool:
        mine = Run.objects.filter(pk=self._run.pk, token=self._run.token, state=run_states.RUNNING)
        if not mine.select_for_update(no_key=True).exists():
            return False
        LogLine.objects.bulk_create(batch.lines)
        RunStep.objects.bulk_create([step for step in batch.steps if step.pk is None])
        for step in batch.steps:
            step.save()
        if batch.run:
            mine.update(**batch.run)
        return True
