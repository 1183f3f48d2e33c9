"""A context that carries a task out and remembers when each step began and ended; nothing is written anywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from maintenance.connectors.postgres import Session, open_session
from maintenance.models import Target
from maintenance.task import Level, Sighting, StepState


class QuietStep:
    """A step that nobody looks at."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Nothing."""

    def finish(self, state: StepState, note: str = "") -> None:
        """Nothing."""


class QuietContext:
    """Implements `Context`; `began` and `ended` are seconds on the monotonic clock by the step's key."""

    def __init__(self, reference: str, parameters: Mapping[str, Any]) -> None:
        self._reference = reference
        self.run_id = 1
        self.target: Target | None = Target(name="bench", reference=reference)
        self.parameters = parameters
        self.dry_run = False
        self.previous_report: Mapping[str, Any] = {}
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    def plan(self, steps: list[tuple[str, str]]) -> None:
        """Nothing."""

    @contextmanager
    def step(self, key: str, name: str = "") -> Iterator[QuietStep]:
        """Take the time."""
        self.began[key] = time.monotonic()
        yield QuietStep()
        self.ended[key] = time.monotonic()

    def skip(self, key: str, note: str) -> None:
        """Take the time."""
        self.began[key] = self.ended[key] = time.monotonic()

    def log(self, text: str, level: Level = "info") -> None:
        """Nothing."""

    def fact(self, key: str, label: str, value: Any, *, unit: str = "", note: str = "") -> None:
        """Nothing."""

    def find(self, sighting: Sighting) -> None:
        """Nothing."""

    def report(self, **values: Any) -> None:
        """Nothing."""

    def overall(self, percent: int) -> None:
        """Nothing."""

    def seconds_left(self) -> float:
        """Plenty."""
        return 3300.0

    def check(self) -> None:
        """Never stop."""

    @contextmanager
    def session(self, purpose: str) -> Iterator[Session]:
        """Open a real session."""
        with open_session(self._reference, application_name=f"zbmaint:run-1:{purpose}") as session:
            yield session
