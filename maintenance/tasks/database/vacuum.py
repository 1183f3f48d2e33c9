"""The vacuum phase: every table that needs it, largest need first, each with its budget, each proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, duration, size
from maintenance.rules.vacuum_need import Need, Urgency, thresholds
from maintenance.rules.vacuum_verdict import (
    CANCELLED,
    DONE,
    GONE,
    HELD,
    SKIPPED,
    Evidence,
    Result,
    judge,
    removed_rows,
    words,
)
from maintenance.task import Cancelled, OutOfTime, Step, StepState
from maintenance.tasks.database.blockers import lock_holder, xmin_holder
from maintenance.tasks.database.clock import Allowance
from maintenance.tasks.database.crew import Crew
from maintenance.tasks.database.inspection import Look, is_proven, look, look_after
from maintenance.tasks.database.job import Job
from maintenance.tasks.database.ledger import RUNNING
from maintenance.tasks.database.statements import (
    ConnectionLost,
    Execution,
    cancellation,
    execute,
    first_line,
    vacuum_statement,
)

LONGEST_NAME: Final = 150


def step_key(need: Need) -> str:
    """The key of a table's step; of a name too long for it, the oid."""
    name = need.table.name
    return f"vacuum:{name}" if len(name) <= LONGEST_NAME else f"vacuum:oid {need.table.oid}"


def step_name(need: Need) -> str:
    """What people read."""
    return f"Vacuum {need.table.name}"[:200]


def step_state(result: Result) -> StepState:
    """How a step with this result ends."""
    if result in DONE:
        return "passed"
    if result in HELD:
        return "warning"
    return "skipped" if result in SKIPPED else "failed"


@dataclass(frozen=True)
class _Attempt:
    """A table under way on one session: as it was before, what its statement may take, and the step that shows it."""

    session: Session
    need: Need
    before: Look
    allowance: Allowance
    step: Step

    @property
    def oid(self) -> int:
        return self.need.table.oid


class Vacuuming:
    """Carries out the plan with a crew. A table that is locked at first is tried once more at the end."""

    def __init__(self, job: Job, budget_seconds: float) -> None:
        self._job = job
        self._context = job.context
        self._budget = budget_seconds
        self._locked_at_first: list[Need] = []

    def run(self, crew: Crew, needs: list[Need]) -> None:
        """Vacuum all; what `check` raises and ConnectionLost come through, with the ledger true so far."""
        watch = self._job.watch
        watch.expect([need.table.pages for need in needs])
        crew.each(needs, lambda session, need: self._try(session, need, last=False), watch.tick)
        if self._locked_at_first:
            crew.each(self._locked_at_first, lambda session, need: self._try(session, need, last=True), watch.tick)
        if self._job.server.number >= 160000 and any(row.result in DONE for row in self._job.ledger.results):
            # Left out of each statement, because it reads the whole catalogue: once is enough.
            execute(crew.first, sql.SQL("VACUUM (ONLY_DATABASE_STATS)").format())

    def _try(self, session: Session, need: Need, *, last: bool) -> None:
        ledger, oid = self._job.ledger, need.table.oid
        allowance = self._job.clock.allow(self._budget)
        if allowance is None:
            ledger.close(oid, Result.OUT_OF_TIME)
            self._context.skip(step_key(need), words(Result.OUT_OF_TIME))
            return
        self._context.check()
        with cancellation(self._context):
            before = look(session, oid, timeout=allowance.milliseconds)
        if before is not None and before.locked and not last:
            self._locked_at_first.append(need)
            return
        with self._context.step(step_key(need), step_name(need)) as step:
            if before is None:
                self._close(need, step, Result.DROPPED)
                return
            try:
                with cancellation(self._context):
                    self._vacuum(_Attempt(session, need, before, allowance, step))
            except ConnectionLost as lost:
                ledger.close(oid, Result.LOST, str(lost))
                raise
            except (Cancelled, OutOfTime):
                ledger.close(oid, Result.CANCELLED)
                raise

    def _vacuum(self, attempt: _Attempt) -> None:
        need, before, session = attempt.need, attempt.before, attempt.session
        known = f"{count(before.dead, 'dead row')}, {size(before.bytes)}" if before.bytes is not None else "locked"
        self._context.log(f"Vacuuming {need.table.name}: {known}; {'; '.join(need.reasons)}")
        self._job.ledger.update(attempt.oid, verdict=RUNNING, dead_before=before.dead, bytes_before=before.bytes)
        done = self._execute(attempt)
        if done.sqlstate == CANCELLED:
            # Somebody's doing: ours when the run has to stop, else its budget or a person on the server.
            self._context.check()
        skipped = done.error or done.warnings
        after = look(session, attempt.oid) if skipped else look_after(session, attempt.oid, before.at)
        evidence = self._evidence(attempt, after, done)
        result = judge(evidence)
        reason = self._reason(attempt, done, result)
        self._close(need, attempt.step, result, reason, **_measured(before, after, done, evidence, result))

    def _execute(self, attempt: _Attempt) -> Execution:
        session, need, before, server = attempt.session, attempt.need, attempt.before, self._job.server
        pid = session.info.backend_pid
        self._job.watch.begin(pid, attempt.step, need.table.pages)
        try:
            done = execute(session, vacuum_statement(need, server, before.schema, before.table))
            if done.sqlstate in GONE:
                renamed = look(session, attempt.oid, timeout=attempt.allowance.milliseconds)
                if renamed and (renamed.schema, renamed.table) != (before.schema, before.table):
                    done = execute(session, vacuum_statement(need, server, renamed.schema, renamed.table))
        finally:
            self._job.watch.end(pid)
        for text, loud in done.lines():
            self._context.log(text, "warn" if loud else "info")
        return done

    def _evidence(self, attempt: _Attempt, after: Look | None, done: Execution) -> Evidence:
        need, before = attempt.need, attempt.before
        removed, held = done.counts
        limits = thresholds(self._job.server.settings, need.table)
        aged = need.urgency >= Urgency.AGE and after is not None
        return Evidence(
            exists=after is not None,
            proven=after is not None and is_proven(after, before.at),
            may_maintain=before.may_maintain,
            notices=done.warnings,
            error=done.sqlstate,
            used_budget=attempt.allowance.is_used_up(done.seconds),
            dead_before=before.dead,
            dead_after=after.dead if after else 0,
            removed=removed,
            held=held,
            for_dead_rows=Urgency.DEAD_ROWS in need.urgencies,
            still_old=bool(aged and after and (after.xid_age > limits.freeze or after.mxid_age > limits.multixact)),
        )

    def _reason(self, attempt: _Attempt, done: Execution, result: Result) -> str:
        """Say why, and note what stood in the way."""
        name, before, obstacles = attempt.need.table.name, attempt.before, self._job.obstacles
        reason = ""
        if result is Result.LOCKED:
            blocker = lock_holder(attempt.session, attempt.oid)
            obstacles.locked(name, blocker)
            reason = blocker.who if blocker else "a session that has ended since"
        elif result in HELD:
            reason = self._holder(attempt)
        elif result is Result.NO_PRIVILEGE:
            obstacles.no_privilege(name, before.schema, before.owner, may_use_schema=before.may_use_schema)
        elif result is Result.TIMED_OUT and attempt.allowance.by_run:
            reason = "at the run's time limit"
        elif result is Result.TIMED_OUT:
            obstacles.over_budget(name, self._budget)
            reason = f"after its budget of {duration(self._budget)}"
        elif result is Result.FAILED:
            reason = _failure(done)
        return reason

    def _holder(self, attempt: _Attempt) -> str:
        blocker = xmin_holder(attempt.session, attempt.before.at)
        if blocker is not None:
            self._job.obstacles.held(attempt.need.table.name, blocker)
            return blocker.who
        server = self._job.server
        if not server.sees_other_sessions:
            return f"a session that role {server.user} may not see (GRANT pg_monitor TO {server.user})"
        return "a transaction that has ended since"

    def _close(self, need: Need, step: Step, result: Result, reason: str = "", **measured: int | float | None) -> None:
        self._job.ledger.close(need.table.oid, result, reason, **measured)
        text = words(result, reason)
        note = count(measured.get("removed") or 0, "dead row") + " removed" if result in DONE else text
        step.finish(step_state(result), note)
        took = f" in {duration(measured.get('seconds') or 0)}" if measured else ""
        more = f", {note}" if result in DONE else ""
        self._context.log(f"{need.table.name}: {text}{more}{took}", "info" if result in DONE else "warn")


def _failure(done: Execution) -> str:
    if done.error is None:
        return "the server reports success, but last_vacuum did not advance"
    return "somebody cancelled it on the server" if done.sqlstate == CANCELLED else first_line(done.error)


def _measured(
    before: Look, after: Look | None, done: Execution, evidence: Evidence, result: Result
) -> dict[str, int | float | None]:
    """The numbers of a table's row in the report."""
    values: dict[str, int | float | None] = {"seconds": round(done.seconds, 3)}
    if after is not None:
        values |= {"bytes_after": after.bytes, "dead_after": after.dead}
    if result in DONE or result in HELD:
        # VACUUM's own counts are exact, those of the statistics are estimates and late.
        removed = removed_rows(evidence)
        values["removed"] = removed
        values["dead_before"] = max(before.dead, removed + (evidence.held or 0))
        values["dead_after"] = evidence.held if evidence.held is not None else evidence.dead_after
    return values
