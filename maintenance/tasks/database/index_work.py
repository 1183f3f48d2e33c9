"""All about indexes in a maintenance: leftovers removed, the parts examined, what is bloated rebuilt within policy.

`index_maintenance` is this alone; a larger maintenance makes it a piece of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, size
from maintenance.rules.examination_outcome import Look, State
from maintenance.rules.reindex_policy import Limits
from maintenance.task import Context, Parameter
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.gate import follow
from maintenance.tasks.database.index_bloat import Bloat, Reach
from maintenance.tasks.database.index_cache import cache_part
from maintenance.tasks.database.index_duplicate import duplicate_part
from maintenance.tasks.database.index_invalid import invalid_part
from maintenance.tasks.database.index_leftovers import is_ours_to_drop, read_invalid
from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.index_unused import unused_part
from maintenance.tasks.database.part import Part, examine
from maintenance.tasks.database.rebuilding import Rebuilding
from maintenance.tasks.database.reindex import DROP_SECONDS, drop_leftover
from maintenance.tasks.database.statements import cancellation
from maintenance.tasks.database.survey import Server

MEGABYTE: Final = 1024 * 1024
INDEX_PARAMETERS: Final = (
    Parameter("reindex_limit", "Indexes to rebuild in one run (0 = none)", 5, 0, 1000),
    Parameter("reindex_min_megabytes", "Measure and rebuild an index from this size on, MB", 64, 0, 1_000_000),
    Parameter("reindex_max_density", "Rebuild an index that is less full than this, percent", 50, 0, 90),
    Parameter(
        "reindex_blind_megabytes", "Largest rebuild where free disk space cannot be read, MB", 1024, 0, 1_000_000
    ),
    Parameter(
        "reindex_max_transaction_seconds", "No rebuild beside a transaction open for longer, seconds", 300, 1, 86_400
    ),
    Parameter("bloat_max_megabytes", "Measure the bloat of indexes up to this size, MB", 10_240, 0, 10_000_000),
    Parameter("bloat_seconds", "Time limit for measuring bloat, seconds", 300, 1, 86_400),
    Parameter("unused_after_days", "Believe in unused indexes once statistics are this old, days", 30, 0, 3650),
)
LEFTOVERS: Final = ("index_leftovers", "Remove leftovers of rebuilds")
REBUILD: Final = ("reindex", "Rebuild bloated indexes")


class IndexWork:
    """One run's work on the indexes of one database. `session` only reads; the work has sessions of its own.

    `parameters` are those of INDEX_PARAMETERS, others are ignored. `enter` takes the database's gate: `close_gate` in a
    task that begins with this, `follow` where the run is inside already.
    """

    def __init__(
        self,
        context: Context,
        session: Session,
        server: Server,
        clock: Clock,
        parameters: Mapping[str, Any],
        *,
        enter: Callable[[Session], None] = follow,
    ) -> None:
        given = {parameter.key: parameter.default for parameter in INDEX_PARAMETERS}
        given |= {key: int(value) for key, value in parameters.items() if key in given}
        self._context = context
        self._session = session
        self._server = server
        self._clock = clock
        self._enter = enter
        self._limit = given["reindex_limit"]
        self._limits = Limits(
            min_bytes=given["reindex_min_megabytes"] * MEGABYTE,
            max_density=given["reindex_max_density"],
            blind_bytes=given["reindex_blind_megabytes"] * MEGABYTE,
            transaction_seconds=given["reindex_max_transaction_seconds"],
        )
        self._unused_after = given["unused_after_days"]
        self._record = IndexRecord(context)
        reach = Reach(given["bloat_max_megabytes"] * MEGABYTE, given["bloat_seconds"])
        self._bloat = Bloat(self._record, clock, self._limits, reach, report=not self._rebuilds)
        self._dropped = self._rebuilt = self._freed = 0
        # What a dry run would carry out: `statement` and why it is `needed`.
        self.statements: list[dict[str, str]] = []

    @property
    def parts(self) -> list[Part]:
        """The parts that only read, in order."""
        record = self._record
        return [
            cache_part(record),
            invalid_part(record),
            duplicate_part(record),
            unused_part(record, self._unused_after),
            self._bloat.part,
        ]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The steps of `perform`, in order."""
        return [LEFTOVERS, *((part.key, part.name) for part in self.parts), REBUILD]

    @property
    def done(self) -> str:
        """What was changed, such as "2 indexes rebuilt, 1.1 GiB given back"; empty for nothing."""
        said = []
        if self._rebuilt:
            said.append(f"{count(self._rebuilt, 'index', 'indexes')} rebuilt, {size(self._freed)} given back")
        if self._dropped:
            said.append(f"{count(self._dropped, 'leftover')} of rebuilds removed")
        return "; ".join(said)

    def perform(self) -> list[Look]:
        """Do everything, each as a step; returns what became of each.

        TaskFailed when another maintenance works on the database; ConnectionLost when the reading session is gone.
        """
        self._context.plan([LEFTOVERS])
        if self._changes_nothing:
            self._announce_leftovers()
            return [*self._examine(), *self._rehearse()]
        with self._context.session("indexes") as worker:
            self._enter(worker)
            looks = [self._remove_leftovers(worker), *self._examine(), self._rebuild(worker)]
        self._context.fact("indexes_rebuilt", "Indexes rebuilt", self._rebuilt)
        self._context.fact("index_bytes_freed", "Space given back by rebuilds", self._freed, unit="bytes")
        return looks

    # -- pieces ---------------------------------------------------------------------------------------------------

    @property
    def _changes_nothing(self) -> bool:
        return self._context.dry_run or self._server.is_standby

    @property
    def _rebuilds(self) -> bool:
        return not self._changes_nothing and self._limit > 0

    def _examine(self) -> list[Look]:
        return examine(self._context, self._session, self._server, self._clock, self.parts)

    def _remove_leftovers(self, worker: Session) -> Look:
        with self._context.step(*LEFTOVERS) as step, cancellation(self._context):
            left = [index for index in read_invalid(self._session) if is_ours_to_drop(index)]
            stay = []
            worker.execute("SET lock_timeout = 0")
            for index in left:
                allowance = self._clock.allow(DROP_SECONDS)
                if allowance is None:
                    stay.append(f"{index.name}: out of time")
                    continue
                worker.execute(f"SET statement_timeout = {allowance.milliseconds}")
                why = drop_leftover(self._context, worker, index)
                self._context.check()
                if why:
                    stay.append(f"{index.name}: {why}")
            self._dropped = len(left) - len(stay)
            for text in stay:
                self._context.log(f"Not dropped: {text}", "warn")
            note = count(self._dropped, "leftover") + " removed" if left else "there are none"
            step.finish("warning" if stay else "passed", "; ".join([note, *stay]))
        # What stays is found by the part that looks for invalid indexes.
        return Look(LEFTOVERS[1], State.DONE)

    def _announce_leftovers(self) -> None:
        why = "a standby cannot be changed" if self._server.is_standby else "dry run"
        if not self._server.is_standby:
            for index in read_invalid(self._session):
                if is_ours_to_drop(index):
                    self._would(f"{index.drop.as_string()};", "left by a REINDEX that did not end")
        self._context.skip(LEFTOVERS[0], why)

    def _rebuild(self, worker: Session) -> Look:
        rebuilding = Rebuilding(
            self._context,
            self._session,
            worker,
            server=self._server,
            clock=self._clock,
            limits=self._limits,
            record=self._record,
        )
        self._context.plan([REBUILD])
        if self._bloat.bloated and self._limit:
            look = rebuilding.run(self._bloat.bloated, self._limit)
            self._rebuilt, self._freed = rebuilding.rebuilt, rebuilding.freed
            return look
        why = "switched off" if not self._limit else "none is bloated"
        if not self._bloat.was_measured:
            why = "bloat was not measured"
        self._context.skip(REBUILD[0], why)
        if self._bloat.was_measured:
            self._record.state("reindexed", [])
        return Look(REBUILD[1], State.DONE)

    def _rehearse(self) -> list[Look]:
        """Say which rebuilds would be done, and why others would not."""
        self._context.plan([REBUILD])
        if self._server.is_standby:
            self._context.skip(REBUILD[0], "a standby cannot be changed")
            return []
        rebuilding = Rebuilding(
            self._context,
            self._session,
            self._session,
            server=self._server,
            clock=self._clock,
            limits=self._limits,
            record=self._record,
        )
        with cancellation(self._context):
            for statement, needed in rebuilding.rehearse(self._bloat.bloated, self._limit):
                self._would(statement, needed)
        self._context.skip(REBUILD[0], "dry run")
        return []

    def _would(self, statement: str, needed: str) -> None:
        self.statements.append({"statement": statement, "needed": needed})
        self._context.log(f"Would run: {statement}  -- {needed}")
