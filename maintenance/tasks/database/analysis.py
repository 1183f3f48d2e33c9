"""Planner statistics: ANALYZE what has changed and is not vacuumed anyway, and the partitioned parents."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, duration
from maintenance.rules.vacuum_need import TableState
from maintenance.rules.vacuum_outcome import TableResult
from maintenance.rules.vacuum_verdict import CANCELLED, DONE, Evidence, Result, judge, told, words
from maintenance.task import Step
from maintenance.tasks.database.blockers import lock_holder
from maintenance.tasks.database.clock import Allowance
from maintenance.tasks.database.crew import Crew
from maintenance.tasks.database.inspection import Look, is_proven, look, look_after
from maintenance.tasks.database.job import Job
from maintenance.tasks.database.statements import Execution, analyze_statement, cancellation, execute, first_line
from maintenance.tasks.database.survey import Parent

# ANALYZE may not eat the time of VACUUM: what is not done by then is left to autovacuum.
STATISTICS_SHARE: Final = 0.25


@dataclass(frozen=True)
class Subject:
    """What is to be analysed: a table, or a partitioned one, with `only` without its partitions."""

    table: TableState | Parent
    only: bool = False

    @property
    def is_parent(self) -> bool:
        """A partitioned table."""
        return isinstance(self.table, Parent)


class Analysis:
    """Analyses tables with a crew, and keeps what became of each."""

    def __init__(self, job: Job, budget_seconds: float) -> None:
        self._job = job
        self._context = job.context
        self._budget = budget_seconds
        self._lock = Lock()
        self._rows: list[dict[str, Any]] = []
        self.results: list[TableResult] = []

    def run(self, crew: Crew, subjects: list[Subject], step: Step, *, until: float | None = None) -> None:
        """Analyse all of them within one step. `until`, on the run's clock, begins nothing new."""
        before = len(self.results)

        def work(session: Session, subject: Subject) -> None:
            self._analyze(session, subject, until)
            with self._lock:
                done = len(self.results) - before
            step.progress(done, len(subjects), "tables")

        crew.each(subjects, work, self._job.watch.tick)
        self._finish(self.results[before:], step)

    def _finish(self, results: list[TableResult], step: Step) -> None:
        done = sum(row.result in DONE for row in results)
        rest = len(results) - done
        note = f"{count(done, 'table')} analysed" + (f", {rest:,} not" if rest else "")
        step.finish("warning" if rest else "passed", note)

    def _analyze(self, session: Session, subject: Subject, until: float | None) -> None:
        allowance = self._job.clock.allow(self._budget, until)
        if allowance is None:
            self._enter(subject, Result.OUT_OF_TIME)
            return
        self._context.check()
        with cancellation(self._context):
            before = look(session, subject.table.oid, timeout=allowance.milliseconds)
            if before is None:
                self._enter(subject, Result.DROPPED)
                return
            done = execute(session, analyze_statement(before.schema, before.table, only=subject.only))
            if done.sqlstate == CANCELLED:
                self._context.check()
            self._judge(session, subject, before, done, allowance)

    def _judge(self, session: Session, subject: Subject, before: Look, done: Execution, allowance: Allowance) -> None:
        for text, loud in done.lines():
            self._context.log(text, "warn" if loud else "info")
        clean = not done.error and not done.warnings
        after = (
            look_after(session, subject.table.oid, before.at, analyze_only=True)
            if clean
            else look(session, subject.table.oid)
        )
        # PostgreSQL 13 keeps no record of when a partitioned table was analysed.
        unrecorded = subject.is_parent and session.info.server_version < 140000 and clean
        evidence = Evidence(
            exists=after is not None,
            proven=after is not None and (unrecorded or is_proven(after, before.at, analyze_only=True)),
            may_maintain=before.may_maintain,
            notices=done.warnings,
            error=done.sqlstate,
            used_budget=allowance.is_used_up(done.seconds),
        )
        result = judge(evidence, done=Result.ANALYZED)
        self._enter(subject, result, self._reason(session, subject, before, done, result), done.seconds)

    def _reason(self, session: Session, subject: Subject, before: Look, done: Execution, result: Result) -> str:
        if result is Result.LOCKED:
            blocker = lock_holder(session, subject.table.oid)
            return blocker.who if blocker else "a session that has ended since"
        if result is Result.NO_PRIVILEGE:
            self._job.obstacles.no_privilege(
                subject.table.name, before.schema, before.owner, may_use_schema=before.may_use_schema
            )
        if result is Result.TIMED_OUT:
            return f"after {duration(done.seconds)}"
        if result is Result.FAILED:
            return first_line(done.error) if done.error else "last_analyze did not advance"
        return ""

    def _enter(self, subject: Subject, result: Result, reason: str = "", seconds: float = 0.0) -> None:
        verdict, why = told(result, reason)
        row = {"table": subject.table.name, "seconds": round(seconds, 3), "verdict": verdict, "reason": why}
        with self._lock:
            self._rows.append(row)
            self.results.append(TableResult(result, reason))
            rows = list(self._rows)
        if result in DONE:
            self._context.log(f"Analysed {subject.table.name} in {duration(seconds)}")
        else:
            self._context.log(f"{subject.table.name} (statistics): {words(result, reason)}", "warn")
            if subject.is_parent and subject.table.last_analyze is None and result is not Result.DROPPED:
                self._job.obstacles.parent_not_analyzed(subject.table.name, words(result, reason))
        self._context.report(analyzed=rows)
