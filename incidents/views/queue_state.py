"""What a browser shows of a queue, as it says itself, and what is new since."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from incidents.views.queue_counts import QueueCounts

MOST_ROWS: Final = 60
_MARK: Final = r"[0-9a-f]{8}"
_ROW: Final = r"\d{1,18}v\d{1,9}[odtapn]"
_STATE: Final = re.compile(rf"{_MARK}(?:,{_ROW})*", re.ASCII)


@dataclass(frozen=True)
class SeenRow:
    """A row on the page: the ticket, its version, and the letter of the group under which it stands."""

    number: int
    version: int
    group: str

    def __str__(self) -> str:
        return f"{self.number}v{self.version}{self.group}"


@dataclass(frozen=True)
class Seen:
    """Everything that changes on the page: a fingerprint of the counts and of the pill, and the rows in their order.

    Reads `9f86d081,1193v4o,1187v2o`.
    """

    mark: str
    rows: tuple[SeenRow, ...]

    @classmethod
    def of(cls, counts: QueueCounts, pill: str, rows: Sequence[SeenRow]) -> Seen:
        """What a page shows."""
        text = f"{counts.tabs}{counts.groups}{pill}"
        return cls(hashlib.blake2b(text.encode(), digest_size=4).hexdigest(), tuple(rows))

    def __str__(self) -> str:
        return ",".join([self.mark, *map(str, self.rows)])


def read_seen(text: str) -> Seen | None:
    """What `text` says that a browser shows; None when it says nothing."""
    if not _STATE.fullmatch(text) or text.count(",") > MOST_ROWS:
        return None
    mark, *rows = text.split(",")
    parts = [re.split(r"[v](\d+)", row) for row in rows]
    return Seen(mark, tuple(SeenRow(int(number), int(version), group) for number, version, group in parts))


@dataclass(frozen=True)
class News:
    """What differs between a page and the list as it is now: tickets that came, that stand elsewhere, that left."""

    came: int
    moved: int
    left: int

    def __str__(self) -> str:
        counted = ((self.came, "new"), (self.moved, "moved"), (self.left, "gone"))
        return ", ".join(f"{count} {word}" for count, word in counted if count)


def compare(shown: Sequence[int], now: Sequence[int], regrouped: set[int], left: set[int], size: int) -> News:
    """Compare the numbers that a page shows with those that it would show `now`, both from its fixed end.

    `regrouped` stand under a wrong heading, `left` do not match any more. A full page of `size` is filled up at its
    other end with what followed it before: that is not new.
    """
    known = set(shown)
    last = max((place for place, number in enumerate(now) if number in known), default=len(now))
    reach = now[: last + 1] if len(shown) >= size else now
    moved = regrouped - left
    stay = [number for number in shown if number not in left | moved]
    order = [number for number in now if number in known - moved]
    blocks = SequenceMatcher(None, stay, order, autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    came = sum(number not in known for number in reach)
    return News(came, len(moved) + len(stay) - kept, len(left))
