"""Which indexes are bloated, and which of them may be rebuilt now. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from maintenance.rules.amounts import duration, size

DEFAULT_FILL: Final = 90.0
# The new index beside the old one, and what sorting its entries needs.
DISK_FACTOR: Final = 2
# An index is WAL in full; standbys that are behind already would fall behind further.
MOST_LAG_BYTES: Final = 1 << 30
# A careful guess: an index that does not fit into the rest of the run is not begun, as it would be thrown away.
BYTES_A_SECOND: Final = 20 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The policy. Sizes in bytes, `max_density` in percent of an index with the usual fill factor.

    `blind_bytes`: up to this size an index is rebuilt where the free disk space cannot be read.
    """

    min_bytes: int
    max_density: float
    blind_bytes: int
    transaction_seconds: float


@dataclass(frozen=True)
class Measured:
    """A btree index as pgstatindex saw it: `density` is the percent of its leaf pages that is in use, the pages that
    were deleted and not given back counted as empty; `fill` its fill factor in percent."""

    bytes: int
    density: float
    fill: float = DEFAULT_FILL

    @property
    def reclaimable(self) -> int:
        """The bytes that a rebuild would about give back."""
        return max(0, int(self.bytes * (1 - self.density / self.fill)))


@dataclass(frozen=True)
class Conditions:
    """What stands around an index at the moment. `free_disk` in bytes, None when it cannot be read.

    `lock` and `transaction` name who is in the way, empty for nobody; `cannot_see` says what hides them.
    """

    may_rebuild: bool
    exclusion: bool
    free_disk: int | None
    transaction: str
    lock: str
    cannot_see: str
    lag_bytes: int
    seconds_left: float
    why_not_allowed: str = "no privilege"


def density(leaf_percent: float, leaf_pages: int, empty_pages: int, deleted_pages: int) -> float:
    """Percent of the leaf pages that is in use. pgstatindex leaves deleted pages out of its own average."""
    pages = leaf_pages + empty_pages + deleted_pages
    # An index without entries has no average.
    if not pages or math.isnan(leaf_percent):
        return 0.0
    return leaf_percent * leaf_pages / pages


def is_bloated(measured: Measured, limits: Limits) -> bool:
    """Whether it is large enough to matter, and emptier than its fill factor asks for."""
    return measured.bytes >= limits.min_bytes and measured.density < limits.max_density * measured.fill / DEFAULT_FILL


def seconds_needed(number: int) -> float:
    """About how long rebuilding an index of so many bytes takes, in seconds."""
    return number / BYTES_A_SECOND


def why_not_now(measured: Measured, limits: Limits, conditions: Conditions) -> str:
    """Why the index is not rebuilt now, in words; empty when it is."""
    needed, free = measured.bytes * DISK_FACTOR, conditions.free_disk
    seconds, left = seconds_needed(measured.bytes), max(0.0, conditions.seconds_left)
    checks = (
        (conditions.exclusion, "the index of an exclusion constraint cannot be rebuilt beside its use"),
        (not conditions.may_rebuild, conditions.why_not_allowed),
        (bool(conditions.cannot_see), conditions.cannot_see),
        (bool(conditions.transaction), f"it would wait: {conditions.transaction}"),
        (bool(conditions.lock), f"its table is locked by {conditions.lock}"),
        (
            free is not None and free < needed,
            f"not enough free disk: {size(free or 0)} where it lies, and {size(needed)} are needed",
        ),
        (
            free is None and measured.bytes > limits.blind_bytes,
            f"the free disk space of the server cannot be read, and it is larger than {size(limits.blind_bytes)}",
        ),
        (
            conditions.lag_bytes > MOST_LAG_BYTES,
            f"a standby is {size(conditions.lag_bytes)} behind",
        ),
        (
            left < seconds,
            f"out of time: it takes about {duration(seconds)}, and {duration(left)} are left",
        ),
    )
    return next((why for applies, why in checks if applies), "")
