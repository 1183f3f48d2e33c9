"""Which indexes another one makes redundant, by what they index and not by their names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """What an index indexes. Only valid indexes are to be compared.

    `keys` are its key columns or expressions with operator class, collation and sort order, in order; `columns` all
    its columns, those of INCLUDE too. `kept_for` says why nobody may drop it; empty when a person may. `scans` is how
    often it was used.
    """

    oid: int
    table: int
    method: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    predicate: str
    unique: bool
    kept_for: str
    scans: int


@dataclass(frozen=True)
class Redundancy:
    """`index` does nothing that `by` (oids) does not do. `exact`: both are the same; else it is the beginning of `by`.

    Not `droppable`: it is kept for something else, so that a person has to decide.
    """

    index: int
    by: int
    exact: bool
    droppable: bool


def covers(wide: Shape, narrow: Shape) -> bool:
    """Whether every query that can use `narrow` can use `wide`."""
    if (wide.table, wide.method, wide.predicate) != (narrow.table, narrow.method, narrow.predicate):
        return False
    if not set(narrow.columns) <= set(wide.columns):
        return False
    # Of the other access methods only the whole key is known to do the same.
    longest = len(narrow.keys) if wide.method == "btree" else len(wide.keys)
    return wide.keys[:longest] == narrow.keys


def redundant(shapes: Sequence[Shape]) -> list[Redundancy]:
    """Find the redundant indexes, each with one that stays when all droppable ones are dropped."""
    by_table = defaultdict(list)
    for shape in shapes:
        by_table[shape.table].append(shape)
    return [found for group in by_table.values() for found in _redundant_of(group)]


def _redundant_of(group: Sequence[Shape]) -> list[Redundancy]:
    better = {
        shape: [other for other in group if other is not shape and covers(other, shape) and _yields(shape, other)]
        for shape in group
    }
    found = []
    for shape, others in better.items():
        # Better is a strict order, so that among those that are better one has nobody above it: that one stays.
        staying = [other for other in others if other.kept_for or not better[other]]
        if not staying:
            continue
        by = max(staying, key=lambda other: (_same(other, shape), _rank(other)))
        if not shape.kept_for:
            found.append(Redundancy(shape.oid, by.oid, exact=_same(by, shape), droppable=True))
        elif shape.unique and by.unique and _same(by, shape):
            found.append(Redundancy(shape.oid, by.oid, exact=True, droppable=False))
    return found


def _yields(shape: Shape, other: Shape) -> bool:
    """Of two that cover each other the one of lower rank is redundant."""
    return not covers(shape, other) or _rank(other) > _rank(shape)


def _same(one: Shape, other: Shape) -> bool:
    return one.keys == other.keys


def _rank(shape: Shape) -> tuple[bool, bool, int, int]:
    """Whether it has to stay, whether it enforces something, how much it is used; the older one of equals."""
    return bool(shape.kept_for), shape.unique, shape.scans, -shape.oid
