"""The before-and-after table of a run's page, from the `tables` of its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maintenance.rules.vacuum_verdict import BROKEN, DONE, SKIPPED, Result, told

MAX_ROWS = 200
# The word of the report to the mark on the page; a word that is not here is marked as a warning, never as passed.
MARKS = {
    "": "pending",
    "running": "running",
    told(Result.CANCELLED)[0]: "cancelled",
    **{told(result)[0]: "passed" for result in DONE},
    **{told(result)[0]: "skipped" for result in SKIPPED},
    **{told(result)[0]: "failed" for result in BROKEN},
}
UNFINISHED = {"pending": "skipped", "running": "cancelled"}
# While the run works, and after its end.
NOT_YET = {"": ("Waiting", "Not reached"), "running": ("Running", "Not finished")}


@dataclass(frozen=True)
class TableRow:
    """One table. Dead row versions and bytes; None where not (or not yet) measured."""

    name: str
    dead_before: int | None
    dead_after: int | None
    bytes_before: int | None
    bytes_after: int | None
    seconds: float | None
    verdict: str
    reason: str
    ended: bool

    @property
    def mark(self) -> str:
        """The state that the row is marked with. In a run that has ended nothing waits or works any more."""
        mark = MARKS.get(self.verdict, "warning")
        return UNFINISHED.get(mark, mark) if self.ended else mark

    @property
    def word(self) -> str:
        """The verdict for people."""
        if self.verdict in NOT_YET:
            return NOT_YET[self.verdict][self.ended]
        return self.verdict[:1].upper() + self.verdict[1:]

    @property
    def change(self) -> int | None:
        """Dead row versions more (+) or less (−) than before."""
        if self.dead_before is None or self.dead_after is None:
            return None
        return self.dead_after - self.dead_before


@dataclass(frozen=True)
class TableRows:
    """The rows to show, and of how many."""

    shown: list[TableRow]
    total: int


def table_rows(tables: Any, *, ended: bool) -> TableRows:
    """Read the report's `tables`; of more than MAX_ROWS, those with the most dead row versions before the run."""
    given = [table for table in tables if isinstance(table, Mapping)] if isinstance(tables, list) else []
    rows = [read_row(table, ended) for table in given]
    if len(rows) > MAX_ROWS:
        rows = sorted(rows, key=lambda row: row.dead_before or 0, reverse=True)[:MAX_ROWS]
    return TableRows(rows, len(given))


def read_row(table: Mapping[str, Any], ended: bool) -> TableRow:
    """One row of the report."""
    return TableRow(
        name=str(table.get("table", "")),
        dead_before=table.get("dead_before"),
        dead_after=table.get("dead_after"),
        bytes_before=table.get("bytes_before"),
        bytes_after=table.get("bytes_after"),
        seconds=table.get("seconds"),
        verdict=str(table.get("verdict") or ""),
        reason=str(table.get("reason") or ""),
        ended=ended,
    )
