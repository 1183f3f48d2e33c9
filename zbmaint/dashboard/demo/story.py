"""The story of one database maintenance, told as the task itself would write it: steps, log, facts, report."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from maintenance.models import RunStep
from maintenance.rules import run_states
from maintenance.rules.amounts import clock, count, duration, size
from maintenance.rules.vacuum_outcome import TableResult, Tally, conclude
from maintenance.rules.vacuum_verdict import DONE, HELD, Result, told, words
from maintenance.tasks.database.ledger import RUNNING, Entry
from maintenance.tasks.database.sequence import FIRST_STEPS, LAST_STEPS, PARENTS_STEP, PARTS, STATUS
from maintenance.tasks.database.vacuum import step_state
from zbmaint.dashboard.demo.asked import Asked
from zbmaint.dashboard.demo.findings import Obstacle
from zbmaint.dashboard.demo.targets import Database, Table

PAGE = 8192
BRIEFLY = 3  # tables of a run that is told in a few lines
BEFORE_VACUUM, AFTER_VACUUM = 12.0, 4.0  # seconds that the other steps take together
LIMIT = 3300  # seconds
BUDGET = 1200  # seconds of one table
STOPPED = {
    "timed_out": (run_states.TIMED_OUT, "Stopped at its time limit. What was done before stays done.", "out of time"),
    "cancelled": (run_states.CANCELLED, "Cancelled. What was done before stays done.", "cancelled"),
}
LOST = "Lost: worker {} died. It left nothing behind on the target. It is not repeated by itself."
INDEX_STEPS = (
    ("index_leftovers", "Remove leftovers of rebuilds", "there are none"),
    ("index_cache", "Index cache hit ratios", "99.4 % of index blocks from the cache"),
    ("index_invalid", "Invalid indexes", "there are none"),
    ("index_duplicate", "Duplicate indexes", "there are none"),
    ("index_unused", "Unused indexes", "every index is used"),
    ("index_bloat", "Index bloat", "none is bloated"),
    ("reindex", "Rebuild bloated indexes", "none is bloated"),
)
SILENT = "The worker stopped proving that it lives."
UNREACHABLE = "The server does not answer: db-{}.zbinnovation.example:5432 refuses connections. Is it running there?"


@dataclass
class Step:
    """A step as it ended."""

    key: str
    name: str
    state: str
    note: str = ""
    pages: int | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None


@dataclass
class Told:
    """A run from its start to its end."""

    state: str
    verdict: str
    worker: str
    started_at: dt.datetime
    finished_at: dt.datetime
    timeout: int = LIMIT
    error: str = ""
    progress: int = 100
    steps: list[Step] = field(default_factory=list)
    lines: list[tuple[dt.datetime, str, str]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    cancel_requested_at: dt.datetime | None = None


class Story:
    """Tells one run of a maintenance of `database`, in which `seen` stands in the way."""

    def __init__(
        self, asked: Asked, database: Database, seen: Sequence[Obstacle], chance: random.Random, grown: float
    ) -> None:
        self._asked = asked
        self._database = database
        self._seen = seen
        self._chance = chance
        self._now = asked.at + dt.timedelta(seconds=chance.uniform(0.3, 1.0))
        worker = f"ops-{chance.randint(1, 2)}:{chance.randint(2_000, 30_000)}"
        self._run = Told("", "", worker, self._now, self._now)
        self._size = int(database.size * (0.9 + 0.1 * grown))
        self._plan = self._choose()
        nominal = BEFORE_VACUUM + AFTER_VACUUM + 1.2 * sum(table.seconds for table, _ in self._plan)
        room = min(asked.room, LIMIT) * 0.9
        self._pace = min(1.0, room / nominal)
        self._run.timeout = LIMIT if asked.room >= LIMIT else max(1, int(asked.room))
        self._results: list[TableResult] = []
        self._freed = 0

    def tell(self) -> Told:
        """Tell it, to whatever end."""
        if self._asked.ending == "failed":
            self._cannot_begin()
        else:
            self._begin()
            broken = None if self._asked.ending == "done" else self._chance.randrange(len(self._plan))
            for number, (table, entry) in enumerate(self._plan):
                if number == broken:
                    self._break_off(table, entry)
                    break
                self._vacuum(table, entry)
            else:
                self._conclude()
            self._run.report["tables"] = [vars(entry) for _, entry in self._plan]
        self._run.finished_at = self._now
        return self._run

    def _choose(self) -> list[tuple[Table, Entry]]:
        """The tables that need a vacuum, largest need first, as the ledger has them."""
        plan = []
        for table in self._database.tables:
            dead = max(0, int(table.dead * self._chance.gauss(1.0, 0.35)))
            if dead > 1000 or table is self._database.tables[0]:
                limit = 50 + table.rows // 5
                over = "" if dead > limit else "not "
                needed = f"{count(dead, 'dead row')}, {over}over autovacuum's limit of {limit:,.0f}"
                plan.append((table, Entry(table.name, dead, needed=needed)))
        plan.sort(key=lambda pair: -pair[1].dead_before)
        return plan[:BRIEFLY] if self._asked.brief else plan

    # -- the parts ------------------------------------------------------------------------------------------------

    def _cannot_begin(self) -> None:
        self._pass(self._chance.uniform(0.1, 5.0))
        self._run.state, self._run.progress = run_states.FAILED, 0
        self._run.verdict = UNREACHABLE.format(self._database.database)
        self._run.steps = [Step(key, name, "skipped", "not reached") for key, name in FIRST_STEPS]
        self._say(self._run.verdict, "warn")

    def _begin(self) -> None:
        database, active = self._database, self._chance.randint(8, 31)
        about = f"PostgreSQL {database.version}, {size(self._size)}, {count(database.table_count, 'table')}"
        self._report_beginning(active)
        self._step("look", "Look at the database", 0.6, note=about)
        self._say(
            f"Database {database.database} on PostgreSQL {database.version}: {size(self._size)}, "
            f"{count(database.table_count, 'table')}, {count(active, 'active connection')}; working as zbmaint"
        )
        notes = (
            f"{active + self._chance.randint(20, 60)} of 197 connections taken",
            count(database.table_count, "sequence"),
            "0 slots, 0 standbys",
            "checksums on",
        )
        for part, note in zip(PARTS, notes, strict=True):
            self._step(part.key, part.name, 0.1, note=note)
        analyzed = self._chance.randint(2, 9)
        self._step("statistics", "Refresh statistics", 8.0, note=f"{count(analyzed, 'table')} analysed")
        modified = self._modified()
        if not self._asked.brief:
            for row in modified:
                self._say(f"{row['table']}: {row['inserted']:,} inserted, {row['updated']:,} updated, 0 deleted")
        self._run.report["most_modified"] = modified
        self._step("modified", "Most modified tables", 0.2, note=count(len(modified), "table"))
        self._step("candidates", "Find tables to vacuum", 0.4, note=f"{count(len(self._plan), 'table')} to vacuum")

    def _report_beginning(self, active: int) -> None:
        idle = self._chance.randint(20, 60)
        database = self._database
        self._run.report |= {
            "maintenance_date": self._now.isoformat(timespec="seconds"),
            "status": "running",
            "database": database.database,
            "server_version": database.version,
            "database_size_bytes": self._size,
            "database_size": size(self._size),
            "database_size_bytes_before": self._size,
            "table_count": database.table_count,
            "partition_count": 0,
            "active_connections": active,
            "connections": {"idle": idle, "active": active},
        }
        self._fact("database_size", "Database size", self._size, "bytes", f"{size(self._size)} at the start")
        self._fact("tables", "Tables", database.table_count, "", f"{len(self._plan):,} needed a vacuum")
        self._fact(
            "active_connections", "Active connections", active, "", f"{active:,} at the start, {idle} not active"
        )

    def _modified(self) -> list[dict[str, Any]]:
        return [
            {"table": table.name, "inserted": table.dead * 3, "updated": entry.dead_before, "deleted": 0}
            | {"last_analyze": None, "last_autoanalyze": (self._now - dt.timedelta(hours=5)).isoformat()}
            for table, entry in self._plan
        ]

    def _vacuum(self, table: Table, entry: Entry) -> None:
        obstacle = next((each for each in self._seen if each.table == table.name and each.result), None)
        result, who = (obstacle.result, obstacle.who) if obstacle and obstacle.result else (Result.VACUUMED, "")
        works = result in DONE or result in HELD or result is Result.TIMED_OUT
        seconds = (table.seconds if works else 0.1) * self._chance.uniform(0.8, 1.2)
        seconds = BUDGET if result is Result.TIMED_OUT else seconds
        self._say(
            f"Vacuuming {table.name}: {count(entry.dead_before, 'dead row')}, {size(table.bytes)}; {entry.needed}"
        )
        text = words(result, who)
        removed = entry.dead_before if result in DONE else 0
        note = f"{count(removed, 'dead row')} removed" if result in DONE else text
        pages = table.bytes // PAGE if works else None
        took = self._step(
            f"vacuum:{table.name}", f"Vacuum {table.name}", seconds, state=step_state(result), note=note, pages=pages
        )
        if result in DONE and not self._asked.brief:
            self._say(self._summary(table, removed))
        entry.verdict, entry.reason = told(result, who)
        entry.bytes_before = entry.bytes_after = table.bytes
        entry.dead_after, entry.removed, entry.seconds = entry.dead_before - removed, removed, round(took, 3)
        more = f", {note}" if result in DONE else ""
        self._say(f"{table.name}: {text}{more} in {duration(took)}", "info" if result in DONE else "warn")
        self._results.append(TableResult(result, who, removed=removed))

    def _summary(self, table: Table, removed: int) -> str:
        pages = table.bytes // PAGE
        scanned = max(1, int(pages * self._chance.uniform(0.05, 0.4)))
        name = f"{self._database.database}.{table.name}"
        return (
            f'INFO: finished vacuuming "{name}": index scans: 1\n'
            f"pages: 0 removed, {pages} remain, {scanned} scanned ({scanned / pages:.2%} of total)\n"
            f"tuples: {removed} removed, {table.rows} remain, 0 are dead but not yet removable"
        )

    # -- the ends -------------------------------------------------------------------------------------------------

    def _conclude(self) -> None:
        removed = sum(row.removed for row in self._results)
        self._run.steps.append(Step(*PARENTS_STEP, "skipped", "none has changed"))
        for key, name, note in INDEX_STEPS:
            self._step(key, name, 0.3, note=note)
        done = sum(row.result in DONE for row in self._results)
        self._step(
            *LAST_STEPS[0],
            1.0,
            note=f"{done} of {count(done, 'vacuum')} on the server's record, 0 dead rows in them now",
        )
        self._step(*LAST_STEPS[1], 0.1, note=f"{count(removed, 'dead row')} removed, 0 bytes given back")
        self._fact("dead_rows_removed", "Dead rows removed", removed)
        self._fact("bytes_freed", "Space given back", 0, "bytes")
        state, verdict = conclude(Tally(self._results, findings=len(self._seen)))
        self._run.state, self._run.verdict = state, verdict
        self._run.report |= {"dead_rows_removed": removed, "bytes_freed": 0}
        self._end_report(STATUS[state])
        self._say(verdict, "info" if state == run_states.SUCCEEDED else "warn")

    def _break_off(self, table: Table, entry: Entry) -> None:
        """The run ends in the middle of this table."""
        run, begun, pages = self._run, self._now, table.bytes // PAGE
        self._say(
            f"Vacuuming {table.name}: {count(entry.dead_before, 'dead row')}, {size(table.bytes)}; {entry.needed}"
        )
        self._pass(table.seconds * self._pace * self._chance.uniform(0.2, 0.8))
        run.progress, entry.bytes_before = self._chance.randint(16, 90), table.bytes
        entry.verdict = RUNNING
        if self._asked.ending == "lost":
            run.state, run.error, rest, state = run_states.LOST, SILENT, "not reached", "failed"
            run.verdict = LOST.format(run.worker)
            self._pass(50.0 * self._pace)
        else:
            run.state, run.verdict, why = STOPPED[self._asked.ending]
            rest, state = words(Result.NOT_BEGUN, why), "cancelled"
            run.cancel_requested_at = self._now if self._asked.ending == "cancelled" else None
            if self._asked.ending == "timed_out":
                self._now = run.started_at + dt.timedelta(seconds=run.timeout)
            entry.verdict, entry.reason = told(Result.CANCELLED)
            self._end_report(run.state)
            self._say(run.verdict, "warn")
        run.steps.append(Step(f"vacuum:{table.name}", f"Vacuum {table.name}", state, "", pages, begun, self._now))
        self._leave(rest)

    def _leave(self, why: str) -> None:
        """Nothing more was begun."""
        named = {step.key for step in self._run.steps}
        waiting = [(f"vacuum:{table.name}", f"Vacuum {table.name}") for table, _ in self._plan]
        self._run.steps += [
            Step(*pair, "skipped", why) for pair in [*waiting, PARENTS_STEP, *LAST_STEPS] if pair[0] not in named
        ]
        if self._asked.ending != "lost":
            for _, entry in self._plan:
                if entry.dead_after is None and entry.bytes_before is None:
                    entry.verdict, entry.reason = told(Result.NOT_BEGUN, why.removeprefix("skipped: "))

    def _end_report(self, status: str) -> None:
        seconds = (self._now - self._run.started_at).total_seconds()
        self._run.report |= {
            "status": status,
            "maintenance_duration_seconds": round(seconds, 3),
            "maintenance_duration": clock(seconds),
        }

    # -- pen and clock --------------------------------------------------------------------------------------------

    def _pass(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)

    def _say(self, text: str, level: str = "info") -> None:
        self._run.lines += [(self._now, level, line) for line in text.split("\n")]

    def _step(
        self, key: str, name: str, seconds: float, *, state: str = "passed", note: str, pages: int | None = None
    ) -> float:
        begun, took = self._now, seconds * self._pace
        self._pass(took)
        self._run.steps.append(Step(key, name, RunStep.State(state), note, pages, begun, self._now))
        return took

    def _fact(self, key: str, label: str, value: int, unit: str = "", note: str = "") -> None:
        self._run.facts.append({"key": key, "label": label, "value": value, "unit": unit, "note": note})
