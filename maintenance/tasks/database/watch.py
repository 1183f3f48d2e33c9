"""Progress: the engine's own counters, read about every second on a session of their own."""

from __future__ import annotations

from threading import Lock
from typing import Final

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.rules.vacuum_progress import Progress, analyze_progress, vacuum_progress
from maintenance.task import Context, Step
from maintenance.tasks.database.ledger import Ledger
from maintenance.tasks.database.survey import rows

# Percent of the whole run before and after the vacuum phase.
VACUUM_FROM: Final = 15
VACUUM_TO: Final = 95
# A table costs something however small it is.
PAGES_A_TABLE: Final = 100

VACUUMS: Final = "SELECT * FROM pg_stat_progress_vacuum WHERE pid = ANY(%(pids)s)"
ANALYZES: Final = "SELECT * FROM pg_stat_progress_analyze WHERE pid = ANY(%(pids)s)"


class Watch:
    """Knows which session works on which table, and tells the steps and the run how far they are."""

    def __init__(self, context: Context, session: Session, ledger: Ledger) -> None:
        self._context = context
        self._session: Session | None = session
        self._ledger = ledger
        self._lock = Lock()
        self._working: dict[int, tuple[Step, float]] = {}
        self._weight = 0.0
        self._total = 0.0

    def expect(self, pages: list[int]) -> None:
        """Expect tables of these sizes, so that the run's percentage means something."""
        self._total = float(sum(pages) + PAGES_A_TABLE * len(pages))

    def begin(self, pid: int, step: Step, pages: int) -> None:
        """A session starts with a table."""
        with self._lock:
            self._working[pid] = (step, float(pages + PAGES_A_TABLE))

    def end(self, pid: int) -> None:
        """It has done with it."""
        with self._lock:
            _, weight = self._working.pop(pid)
            self._weight += weight

    def tick(self) -> None:
        """Read the counters, pass them on, write the report; raises what the context's `check` raises."""
        self._context.check()
        share = 0.0
        for pid, progress in self._read().items():
            with self._lock:
                step, weight = self._working.get(pid, (None, 0.0))
            if step is None:
                continue
            share += weight * progress.share
            if progress.total:
                step.progress(min(progress.done, progress.total), progress.total, progress.unit)
        if self._total:
            part = min(1.0, (self._weight + share) / self._total)
            self._context.overall(round(VACUUM_FROM + (VACUUM_TO - VACUUM_FROM) * part))
        self._ledger.write()

    def _read(self) -> dict[int, Progress]:
        session, pids = self._session, list(self._working)
        if not pids or session is None:
            return {}
        try:
            analyzes = {row["pid"]: analyze_progress(row) for row in rows(session, ANALYZES, {"pids": pids})}
            return analyzes | {row["pid"]: vacuum_progress(row) for row in rows(session, VACUUMS, {"pids": pids})}
        except psycopg.Error:
            # Whether the database is gone is for the sessions that work to find out.
            self._session = None
            self._context.log("Progress cannot be read any more.", "warn")
            return {}
