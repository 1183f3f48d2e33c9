"""Invalid indexes: builds that failed, and what an interrupted REINDEX left behind."""

from __future__ import annotations

from typing import Final

from maintenance.rules.amounts import count, size
from maintenance.task import Severity
from maintenance.tasks.database.index_leftovers import InvalidIndex, read_invalid
from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.part import Examination, Part

INVALID: Final = "index_invalid"
LEFTOVER: Final = "index_leftover"


def invalid_part(record: IndexRecord) -> Part:
    """The part. An index that is being built at this moment is not wrong."""

    def look(examination: Examination) -> str:
        for table in record.indexes(examination.session).left_out:
            examination.not_measured(f"indexes of {table}", "the table is locked against everybody")
        found = read_invalid(examination.session)
        building = [index for index in found if index.busy]
        rest = [index for index in found if not index.busy]
        record.state("invalid", [_row(index) for index in rest])
        for index in building:
            examination.context.log(f"{index.name} is not valid yet: somebody works on its table")
        for index in rest:
            _find(examination, index)
        left = sum(index.leftover for index in rest)
        note = count(len(rest) - left, "invalid index", "invalid indexes")
        note += f", {count(left, 'leftover of a REINDEX', 'leftovers of a REINDEX')}" if left else ""
        return note + (f", {len(building):,} being built" if building else "")

    return Part("index_invalid", "Invalid indexes", frozenset({INVALID, LEFTOVER}), look)


def _find(examination: Examination, index: InvalidIndex) -> None:
    cost = f"It takes {size(index.bytes)}, " + (
        "and every write pays for it, while no query may use it." if index.ready else "and no query may use it."
    )
    if index.leftover:
        why = "An interrupted REINDEX CONCURRENTLY left it; the index itself is intact under its own name."
        drop = f"{index.drop.as_string()};"
        examination.find(
            LEFTOVER,
            index.name,
            f"{index.name} is left over from a REINDEX",
            "medium",
            detail=f"{why} {cost}",
            fix=drop,
        )
        return
    severity: Severity = "high" if index.unique else "medium"
    why = "Its CREATE INDEX CONCURRENTLY, or a REINDEX, did not end well."
    if index.unique:
        why += " Nobody has checked that its table has no duplicates."
    examination.find(INVALID, index.name, f"{index.name} is invalid", severity, detail=f"{why} {cost}", fix=_fix(index))


def _fix(index: InvalidIndex) -> str:
    rebuild = f"REINDEX INDEX CONCURRENTLY {index.name};"
    if index.unique:
        rebuild = f"-- once the duplicates are gone:\n{rebuild}"
    if index.partition or index.backing:
        return rebuild
    return f"{rebuild}\n-- or, when nobody needs it:\n{index.drop.as_string()};"


def _row(index: InvalidIndex) -> dict[str, object]:
    return {"index": index.name, "table": index.table, "bytes": index.bytes, "leftover": index.leftover}
