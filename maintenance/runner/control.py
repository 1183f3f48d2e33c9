"""Control: when a run has to stop, and the sessions whose statements are cancelled then."""

from __future__ import annotations

import time
from threading import Event, Lock
from typing import Any, Literal

import psycopg
import structlog

from maintenance.task import Cancelled, OutOfTime

log = structlog.get_logger(__name__)
Reason = Literal["cancelled", "out_of_time", "gone"]
Session = psycopg.Connection[dict[str, Any]]


class Gone(Cancelled):
    """The run is not ours any more: it was declared lost, or our database could not be reached for too long."""


class Control:
    """Shared by the task's threads and the pulse. The first reason to stop stays."""

    def __init__(self, timeout_seconds: float) -> None:
        self.deadline = time.monotonic() + timeout_seconds
        self.reason: Reason | None = None
        self._sessions: set[Session] = set()
        self._lock = Lock()
        self._stopping = Event()

    def seconds_left(self) -> float:
        """Seconds until the time limit, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    def stop(self, reason: Reason) -> None:
        """Give the reason to stop, unless there is one already."""
        with self._lock:
            self.reason = self.reason or reason
        self._stopping.set()

    def wait(self, seconds: float) -> bool:
        """Wait for `seconds`, or less when the run has to stop; True when it has to."""
        return self._stopping.wait(seconds)

    def check(self) -> None:
        """Raise Cancelled, OutOfTime or Gone when the run has to stop."""
        if self.reason == "cancelled":
            raise Cancelled("cancelled by a person")
        if self.reason == "gone":
            raise Gone("the run is not ours any more")
        if self.reason == "out_of_time" or time.monotonic() >= self.deadline:
            raise OutOfTime("the time limit was reached")

    def add(self, session: Session) -> None:
        """Take note of an open session."""
        with self._lock:
            self._sessions.add(session)

    def remove(self, session: Session) -> None:
        """Forget a session that is closed."""
        with self._lock:
            self._sessions.discard(session)

    def cancel_statements(self) -> None:
        """Cancel on the server what the sessions execute now. Called again and again until the task has stopped,
        because a statement may begin between two calls."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            if session.closed:
                continue
            try:
                session.cancel_safe(timeout=3)
            except psycopg.Error as problem:
                log.warning("run.cancel_failed", problem=type(problem).__name__)
