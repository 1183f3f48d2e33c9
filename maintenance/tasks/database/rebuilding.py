"""Rebuilding: the bloated indexes one after the other, each only when nothing speaks against it at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, duration, size
from maintenance.rules.examination_outcome import Look, State
from maintenance.rules.reindex_policy import Limits, why_not_now
from maintenance.task import Cancelled, Context, OutOfTime, Sighting, Step, StepState
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.index_bloat import BLOATED, Bloated, describe, detail_of, fix_of, severity_of, title_of
from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.rebuild_conditions import read_conditions
from maintenance.tasks.database.reindex import Reindexing, reindex_statement
from maintenance.tasks.database.statements import cancellation
from maintenance.tasks.database.survey import Server, rows

NAME: Final = "Rebuild bloated indexes"
# A rebuild may take what is left of the run.
LONGEST_SECONDS: Final = 86_400.0
LONGEST_KEY: Final = 150
OUT_OF_TIME: Final = "out of time"
LIMIT: Final = "the run's limit of {} was reached"
STILL_THERE: Final = """
SELECT n.nspname AS schema, c.relname AS index FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = %(oid)s
"""


class Rebuilding:
    """Rebuilds on `worker` and keeps the report's `reindexed` current. What is left as it is becomes a finding."""

    def __init__(
        self,
        context: Context,
        reader: Session,
        worker: Session,
        *,
        server: Server,
        clock: Clock,
        limits: Limits,
        record: IndexRecord,
    ) -> None:
        self._context = context
        self._reader = reader
        self._server = server
        self._clock = clock
        self._limits = limits
        self._record = record
        self._reindexing = Reindexing(context, reader, worker)
        self._rows: list[dict[str, Any]] = []
        self._left: list[tuple[str, str]] = []
        self._failed = 0
        self.rebuilt = 0
        self.freed = 0

    def rehearse(self, bloated: Sequence[Bloated], limit: int) -> Iterator[tuple[str, str]]:
        """Each statement that a real run would carry out at this moment, and why; the others get a line in the log."""
        planned = 0
        for one in bloated:
            why = LIMIT.format(limit) if planned >= limit else self._why_not(one)
            if why:
                self._context.log(f"Would leave {one.index.name}: {why}")
                continue
            planned += 1
            yield f"{reindex_statement(one.index).as_string()};", describe(one)

    def run(self, bloated: Sequence[Bloated], limit: int) -> Look:
        """Rebuild at most `limit` of them. Cancelled and OutOfTime come through with the report true so far."""
        waiting = list(bloated[:limit])
        self._context.plan([(step_key(one), step_name(one)) for one in waiting])
        self._record.state("reindexed", [])
        gone = ""
        self._context.skip("reindex", f"{len(waiting):,} of {count(len(bloated), 'index', 'indexes')}, each on its own")
        try:
            while waiting:
                one = waiting[0]
                if gone:
                    self._leave(one, f"skipped: {gone}")
                    self._context.skip(step_key(one), f"skipped: {gone}")
                elif self._rebuild(one):
                    gone = "connection lost"
                waiting.pop(0)
        except BaseException as stop:
            why = "cancelled" if isinstance(stop, Cancelled) else OUT_OF_TIME
            if not isinstance(stop, (Cancelled, OutOfTime)):
                why = "the run ended with an error"
            for one in waiting[1:]:
                self._context.skip(step_key(one), f"skipped: {why}")
            raise
        for one in bloated[limit:]:
            self._leave(one, LIMIT.format(limit))
        return self._conclude()

    def _rebuild(self, one: Bloated) -> bool:
        """Rebuild one, or say why not; True when the session is lost."""
        name = one.index.name
        allowance = self._clock.allow(LONGEST_SECONDS)
        if allowance is None:
            self._skip_for_time(one, OUT_OF_TIME)
            return False
        with self._context.step(step_key(one), step_name(one)) as step:
            with cancellation(self._context):
                why = self._why_not(one)
            if why:
                self._refuse(one, step, why)
                return False
            self._context.log(f"Rebuilding {name}: {describe(one)}")
            try:
                ended = self._reindexing.rebuild(one.index, step, allowance.milliseconds)
            except (Cancelled, OutOfTime):
                self._note(one, "cancelled", "", 0.0, None)
                raise
            if ended.why:
                self._fail(one, step, ended.why, ended.seconds)
                return ended.lost
            self._succeed(one, step, ended.seconds, ended.bytes_after or 0)
        return False

    def _why_not(self, one: Bloated) -> str:
        found = rows(self._reader, STILL_THERE, {"oid": one.index.oid})
        if not found:
            return "dropped or rebuilt since"
        if (found[0]["schema"], found[0]["index"]) != (one.index.schema, one.index.index):
            return "renamed since"
        allowance = self._clock.allow(LONGEST_SECONDS)
        seconds = allowance.seconds if allowance else 0.0
        conditions = read_conditions(self._reader, self._server, one.index, self._limits, seconds)
        if conditions.free_disk is None:
            self._context.log(
                f"The free disk space of the server cannot be read from here; up to {size(self._limits.blind_bytes)} "
                "an index is rebuilt nevertheless"
            )
        return why_not_now(one.measured, self._limits, conditions)

    # -- ends -----------------------------------------------------------------------------------------------------

    def _succeed(self, one: Bloated, step: Step, seconds: float, after: int) -> None:
        before = one.measured.bytes
        self.rebuilt += 1
        self.freed += max(0, before - after)
        text = f"{size(before)} before, {size(after)} after, in {duration(seconds)}"
        self._note(one, "rebuilt", "", seconds, after)
        step.finish("passed", text)
        self._context.log(f"{one.index.name}: rebuilt, {text}")

    def _fail(self, one: Bloated, step: Step, why: str, seconds: float) -> None:
        self._failed += 1
        self._note(one, "failed", why, seconds, one.measured.bytes)
        self._leave(one, why)
        if why == OUT_OF_TIME:
            self._record.wait(one.index.name)
        step.finish("failed", why)
        self._context.log(f"{one.index.name}: not rebuilt: {why}; the index is as it was", "error")

    def _refuse(self, one: Bloated, step: Step, why: str) -> None:
        if why.startswith(OUT_OF_TIME):
            self._record.wait(one.index.name)
        self._note(one, "skipped", why, 0.0, one.measured.bytes)
        self._leave(one, why)
        state: StepState = "skipped"
        step.finish(state, f"skipped: {why}")
        self._context.log(f"{one.index.name}: not rebuilt: {why}", "warn")

    def _skip_for_time(self, one: Bloated, why: str) -> None:
        self._record.wait(one.index.name)
        self._note(one, "skipped", why, 0.0, one.measured.bytes)
        self._leave(one, why)
        self._context.skip(step_key(one), f"skipped: {why}")

    def _leave(self, one: Bloated, why: str) -> None:
        """What is left as it is, is a finding."""
        self._left.append((one.index.name, why))
        self._context.find(
            Sighting(BLOATED, one.index.name, title_of(one), severity_of(one), detail_of(one, why), fix_of(one))
        )

    def _note(self, one: Bloated, verdict: str, reason: str, seconds: float, after: int | None) -> None:
        row = {
            "index": one.index.name,
            "table": one.index.table,
            "bytes_before": one.measured.bytes,
            "bytes_after": after,
            "density_before": round(one.measured.density, 1),
            "seconds": round(seconds, 3),
            "verdict": verdict,
            "reason": reason,
        }
        self._rows.append(row)
        self._record.state("reindexed", self._rows)

    def _conclude(self) -> Look:
        left = self._left
        late = any(why.startswith(OUT_OF_TIME) for _, why in left)
        why = f"{left[0][0]}: {left[0][1]}" if len(left) == 1 else count(len(left), "index", "indexes") if left else ""
        state = State.DONE
        if self._failed:
            state = State.FAILED
        elif late:
            state = State.OUT_OF_TIME
        said = f"not rebuilt: {why}" if why else ""
        return Look(NAME, state, said, findings=len(left))


def step_key(one: Bloated) -> str:
    """The key of an index's step; of a name too long for it, the oid."""
    name = one.index.name
    return f"reindex:{name}" if len(name) <= LONGEST_KEY else f"reindex:oid {one.index.oid}"


def step_name(one: Bloated) -> str:
    """What people read."""
    return f"Rebuild {one.index.name}"[:200]
