"""What a browser shows of a queue, as it says itself, and what is new since."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from incidents.views.queue_counts import QueueCounts
from zbmaint.access.models import Person

MOST_ROWS: Final = 60
_MARK: Final = r"[0-9a-f]{8}"
_ROW: Final = r"\d{1,18}v\d{1,9}[odtapn]"
KNOWN: Final = r"\d{1,18}-\d{1,15}-\d{1,18}"
_STATE: Final = re.compile(rf"{_MARK}(?:-{KNOWN})?(?:,{_ROW})*", re.ASCII)
FAR: Final = 10**15 - 1


class Known(NamedTuple):
    """How long a page stays as it is for `person`: while there are no more `changes`, and before `until` (Unix, ms)."""

    changes: int
    until: int
    person: int

    @classmethod
    def of(cls, changes: int, until: dt.datetime | None, person: Person) -> Known:
        """What holds for a page that was read after these changes; `until` as in queue_until."""
        return cls(changes, FAR if until is None else min(int(until.timestamp() * 1000), FAR), person.pk)

    def __str__(self) -> str:
        return "-".join(map(str, self))


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
    """Everything that changes on the page: a fingerprint of the counts and of the pill, and the rows in their order;
    and as long as what is `known` holds, nothing of it has changed.

    Reads `9f86d081-4711-1775358000-3,1193v4o,1187v2o`.
    """

    mark: str
    rows: tuple[SeenRow, ...]
    known: Known | None = None

    @classmethod
    def of(
        cls, counts: QueueCounts, pill: str, rows: Sequence[SeenRow], person: Person, until: dt.datetime | None
    ) -> Seen:
        """What a page shows to `person`, `until` when the time alone changes it."""
        text = f"{counts.tabs}{counts.groups}{pill}"
        mark = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
        return cls(mark, tuple(rows), Known.of(counts.standing.changes, until, person))

    def __str__(self) -> str:
        head = self.mark if self.known is None else f"{self.mark}-{self.known}"
        return ",".join([head, *map(str, self.rows)])

    def shows_the_same(self, other: Seen) -> bool:
        """Whether a page in this state and one in the other look the same."""
        return (self.mark, self.rows) == (other.mark, other.rows)


def read_seen(text: str) -> Seen | None:
    """What `text` says that a browser shows; None when it says nothing."""
    if not _STATE.fullmatch(text) or text.count(",") > MOST_ROWS:
        return None
    head, *rows = text.split(",")
    mark, *known = head.split("-")
    parts = [re.split(r"[v](\d+)", row) for row in rows]
    seen = tuple(SeenRow(int(number), int(version), group) for number, version, group in parts)
    return Seen(mark, seen, Known(*map(int, known)) if known else None)


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
