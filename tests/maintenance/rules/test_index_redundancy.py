"""Which indexes another one makes redundant."""

from __future__ import annotations

from typing import Any

import pytest

from maintenance.rules.index_redundancy import Redundancy, Shape, redundant


def shape(oid: int, keys: str, **facts: Any) -> Shape:
    """An index on these key columns, such as "a b"."""
    names = tuple(keys.split())
    usual: dict[str, Any] = {
        "table": 1,
        "method": "btree",
        "keys": names,
        "columns": names,
        "predicate": "",
        "unique": False,
        "kept_for": "",
        "scans": 0,
    }
    return Shape(oid=oid, **usual | facts)


def found(*shapes: Shape) -> list[tuple[int, int, bool]]:
    return [(one.index, one.by, one.exact) for one in redundant(shapes)]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([shape(1, "a"), shape(2, "a")], [(2, 1, True)]),
        ([shape(1, "a"), shape(2, "a b")], [(1, 2, False)]),
        ([shape(1, "b"), shape(2, "a b")], []),
        ([shape(1, "a b"), shape(2, "b a")], []),
        ([shape(1, "a"), shape(2, "a", table=2)], []),
        ([shape(1, "a"), shape(2, "a", predicate="b > 0")], []),
        ([shape(1, "a"), shape(2, "a", method="hash")], []),
        ([shape(1, "a", method="gin"), shape(2, "a b", method="gin")], []),
        ([shape(1, "a"), shape(2, "a", scans=9)], [(1, 2, True)]),
        ([shape(1, "a", scans=9), shape(2, "a", unique=True)], [(1, 2, True)]),
        ([shape(1, "a", unique=True, kept_for="the primary key"), shape(2, "a")], [(2, 1, True)]),
        ([shape(1, "a", columns=("a", "more")), shape(2, "a")], [(2, 1, True)]),
        ([shape(1, "a"), shape(2, "a"), shape(3, "a")], [(2, 1, True), (3, 1, True)]),
    ],
)
def test_it_is_redundant_when_another_does_the_same(shapes: list[Shape], expected: list[tuple[int, int, bool]]) -> None:
    assert sorted(found(*shapes)) == sorted(expected)


def test_what_enforces_something_is_never_to_be_dropped() -> None:
    one = shape(1, "a", unique=True, kept_for="the constraint one")
    two = shape(2, "a", unique=True, kept_for="the constraint two")
    assert [pair.droppable for pair in redundant([one, two])] == [False]
    prefix = shape(3, "a", unique=True, kept_for="the primary key")
    assert redundant([prefix, shape(4, "a b")]) == []


def test_after_dropping_all_that_may_be_dropped_one_is_left() -> None:
    twins = [shape(oid, "a") for oid in range(1, 6)]
    dropped = {pair.index for pair in redundant(twins) if pair.droppable}
    assert len(dropped) == 4
    assert {pair.by for pair in redundant(twins)} & dropped == set()
    assert isinstance(redundant(twins)[0], Redundancy)
