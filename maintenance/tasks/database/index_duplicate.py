"""Duplicate indexes: what another index of the same table does as well."""

from __future__ import annotations

from typing import Final

from maintenance.rules.amounts import count, size
from maintenance.rules.index_redundancy import Redundancy, Shape, redundant
from maintenance.tasks.database.index_leftovers import drop_statement
from maintenance.tasks.database.index_record import IndexRecord
from maintenance.tasks.database.index_survey import Index
from maintenance.tasks.database.part import Examination, Part

DUPLICATE: Final = "index_duplicate"
PREFIX: Final = "index_prefix"
# Frameworks make an index for every foreign key, also where another one begins with it. Below this size (bytes) that
# costs next to nothing, and a finding for each would hide the others; the report lists them all.
WORTH_A_WORD: Final = 8 * 1024 * 1024


def duplicate_part(record: IndexRecord) -> Part:
    """The part. Nothing is dropped, and nobody is told to drop what enforces something."""

    def look(examination: Examination) -> str:
        indexes = record.indexes(examination.session)
        for table in indexes.left_out:
            examination.not_measured(f"indexes of {table}", "the table is locked against everybody")
        by_oid = {index.oid: index for index in indexes.all}
        found = redundant([_shape(index) for index in indexes.all if index.valid])
        record.state("duplicate", [_row(pair, by_oid) for pair in found])
        for pair in found:
            _find(examination, pair, by_oid[pair.index], by_oid[pair.by])
        exact = sum(pair.exact for pair in found)
        covered = len(found) - exact
        note = count(exact, "duplicate")
        return note + (f", {count(covered, 'index', 'indexes')} that another one begins with" if covered else "")

    return Part("index_duplicate", "Duplicate indexes", frozenset({DUPLICATE, PREFIX}), look)


def drop_fix(index: Index) -> str:
    """The statement by which a person drops an index."""
    if index.partitioned:
        return (
            f"-- locks the table: an index of a partitioned one cannot be dropped otherwise\nDROP INDEX {index.name};"
        )
    return f"{drop_statement(index.schema, index.index).as_string()};"


def _shape(index: Index) -> Shape:
    kept_for = index.kept_for or ("its partitioned index" if index.partition else "")
    return Shape(
        index.oid,
        index.table_oid,
        index.method,
        index.keys,
        index.columns,
        index.predicate,
        index.unique,
        kept_for,
        index.scans,
    )


def _find(examination: Examination, pair: Redundancy, index: Index, by: Index) -> None:
    cost = f"It takes {size(index.bytes)}, and every write pays for both."
    if not pair.droppable:
        detail = (
            f"Both index the same. {index.name} serves {index.kept_for}, {by.name} {by.kept_for}: "
            f"a person has to decide which one the application relies on. {cost}"
        )
        title = f"{index.name} and {by.name} enforce the same"
        examination.find(DUPLICATE, index.name, title, "low", detail=detail)
    elif pair.exact:
        title, detail = f"{index.name} is a duplicate of {by.name}", f"Both index the same. {cost}"
        examination.find(DUPLICATE, index.name, title, "medium", detail=detail, fix=drop_fix(index))
    elif index.bytes >= WORTH_A_WORD:
        title = f"{by.name} begins with all of {index.name}"
        detail = (
            f"Queries can use {by.name} instead, which is larger ({size(by.bytes)}). "
            f"It was used {count(index.scans, 'time')}. {cost}"
        )
        examination.find(PREFIX, index.name, title, "low", detail=detail, fix=drop_fix(index))


def _row(pair: Redundancy, by_oid: dict[int, Index]) -> dict[str, object]:
    index = by_oid[pair.index]
    return {
        "index": index.name,
        "table": index.table,
        "bytes": index.bytes,
        "covered_by": by_oid[pair.by].name,
        "exact": pair.exact,
        "droppable": pair.droppable,
    }
