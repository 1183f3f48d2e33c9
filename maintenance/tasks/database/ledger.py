"""The ledger: every planned table with what is known of it, kept current in the run's report from any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from maintenance.rules.vacuum_need import Need
from maintenance.rules.vacuum_outcome import TableResult
from maintenance.rules.vacuum_verdict import Result, told
from maintenance.task import Context

# A table that waits for its turn has no verdict yet.
WAITING, RUNNING = "", "running"


@dataclass
class Entry:
    """A table's row in the report. Bytes count its indexes and TOAST."""

    table: str
    dead_before: int
    dead_after: int | None = None
    bytes_before: int | None = None
    bytes_after: int | None = None
    removed: int = 0
    seconds: float | None = None
    verdict: str = WAITING
    reason: str = ""
    needed: str = ""


def out_of_time_before(report: Mapping[str, Any]) -> frozenset[str]:
    """The tables that an earlier run, by its report, planned and did not come to."""
    tables = report.get("tables")
    rows = [row for row in tables if isinstance(row, Mapping)] if isinstance(tables, list) else []
    skipped = told(Result.OUT_OF_TIME)
    return frozenset(str(row.get("table")) for row in rows if (row.get("verdict"), row.get("reason")) == skipped)


class Ledger:
    """Rows in the order of the plan, by the table's oid. The report gets copies: it is written while we go on."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._entries: dict[int, Entry] = {}
        self._results: dict[int, TableResult] = {}
        self._critical: set[int] = set()
        self._changed = False

    def plan(self, needs: list[Need], critical: set[int]) -> None:
        """Enter what is to be done; `critical` are the oids whose age endangers the database."""
        with self._lock:
            self._critical = critical
            for need in needs:
                row = Entry(need.table.name, need.table.dead, needed="; ".join(need.reasons))
                self._entries[need.table.oid] = row
            self._changed = True
        self.write()

    def update(self, oid: int, **values: Any) -> None:
        """Set values of a row."""
        with self._lock:
            for name, value in values.items():
                setattr(self._entries[oid], name, value)
            self._changed = True

    def close(self, oid: int, result: Result, reason: str = "", **values: Any) -> None:
        """Give a table its verdict. The first one stays."""
        verdict, why = told(result, reason)
        with self._lock:
            if oid in self._results:
                return
            removed = values.get("removed", 0)
            self._results[oid] = TableResult(result, reason, removed=removed, critical=oid in self._critical)
        self.update(oid, verdict=verdict, reason=why, **values)

    def close_rest(self, result: Result, reason: str = "") -> set[int]:
        """Give all tables without a verdict this one; returns their oids."""
        rest = self._entries.keys() - self._results.keys()
        for oid in rest:
            self.close(oid, result, reason)
        return rest

    def closed(self) -> dict[int, TableResult]:
        """The verdicts so far, by the table's oid."""
        with self._lock:
            return dict(self._results)

    def write(self) -> None:
        """Put the rows into the report when they have changed."""
        with self._lock:
            if not self._changed:
                return
            tables = [asdict(entry) for entry in self._entries.values()]
            self._changed = False
        self._context.report(tables=tables)

    @property
    def results(self) -> list[TableResult]:
        """The verdicts so far, in the order of the plan."""
        with self._lock:
            return [self._results[oid] for oid in self._entries if oid in self._results]

    @property
    def entries(self) -> list[Entry]:
        """The rows, in the order of the plan."""
        return list(self._entries.values())
