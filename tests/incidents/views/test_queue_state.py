"""What a browser says that it shows, and how that is compared with the list of now."""

from __future__ import annotations

import pytest

from incidents.views.queue_state import Known, News, Seen, SeenRow, compare, read_seen


def test_what_is_seen_can_be_written_and_read() -> None:
    seen = Seen("9f86d081", (SeenRow(1193, 4, "o"), SeenRow(7, 12, "p")))
    assert str(seen) == "9f86d081,1193v4o,7v12p"
    assert read_seen(str(seen)) == seen
    assert read_seen("9f86d081") == Seen("9f86d081", ())


def test_so_can_be_how_long_it_holds() -> None:
    known = Known(4711, 1775358000, 3)
    text = str(Seen("9f86d081", (SeenRow(7, 12, "p"),), known))
    assert text == "9f86d081-4711-1775358000-3,7v12p"
    assert read_seen(text) == Seen("9f86d081", (SeenRow(7, 12, "p"),), known)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "9f86d081-1",
        "9f86d081-1-2",
        "9f86d081-1-2-x",
        "9F86D081",
        "9f86d081,",
        "9f86d081,1193",
        "9f86d081,1v1o\n",
        "9f86d081,１v1o",
    ],
)
def test_what_nobody_shows_is_not_read(text: str) -> None:
    assert read_seen(text) is None


@pytest.mark.parametrize(
    ("shown", "now", "regrouped", "left", "expected"),
    [
        ([], [], set(), set(), News(0, 0, 0)),
        ([1, 2, 3], [1, 2, 3], set(), set(), News(0, 0, 0)),
        ([], [7], set(), set(), News(1, 0, 0)),
        ([1, 2], [7, 1, 8, 2, 9], set(), set(), News(3, 0, 0)),
        ([1, 2, 3], [3, 1, 2], set(), set(), News(0, 1, 0)),
        ([1, 2, 3], [1, 2, 3], {2}, set(), News(0, 1, 0)),
        ([1, 2, 3], [3, 1], {3}, {2}, News(0, 1, 1)),
        # A page of four is full: what comes after its last row stood behind it before.
        ([1, 2, 3, 4], [1, 3, 4, 5], set(), {2}, News(0, 0, 1)),
        ([1, 2, 3, 4], [9, 1, 2, 3], set(), set(), News(1, 1, 0)),
        ([1, 2, 3, 4], [5, 6, 7, 8], set(), {1, 2, 3, 4}, News(4, 0, 4)),
    ],
)
def test_what_came_moved_and_left_is_counted(
    shown: list[int], now: list[int], regrouped: set[int], left: set[int], expected: News
) -> None:
    assert compare(shown, now, regrouped, left, 4) == expected


def test_news_reads_as_a_sentence_and_is_empty_without_any() -> None:
    assert str(News(3, 0, 0)) == "3 new"
    assert str(News(1, 2, 3)) == "1 new, 2 moved, 3 gone"
    assert str(News(0, 0, 0)) == ""
