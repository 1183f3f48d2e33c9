"""Many measured values as a day keeps them: whole numbers in order, packed. Quantiles over many days are exact.

A value is a whole number from 0 to 4,294,967,295, of a unit that the column says (seconds, milliseconds).
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import Final

LARGEST: Final = 2**32 - 1
_BYTES: Final = 4


def pack(values: Iterable[int]) -> bytes:
    """The values in order, four bytes each, the lowest first. What is larger than the largest counts as that."""
    packed = array("I", sorted(min(value, LARGEST) for value in values))
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


class Spread:
    """The values of several days together."""

    def __init__(self, packed: Iterable[bytes | memoryview]) -> None:
        self._parts = [unpacked(part) for part in packed if len(part)]

    @classmethod
    def joined(cls, spreads: Iterable[Spread]) -> Spread:
        """The values of several spreads together."""
        made = cls(())
        made._parts = [part for spread in spreads for part in spread._parts]
        return made

    @cached_property
    def number(self) -> int:
        """How many values there are."""
        return sum(len(part) for part in self._parts)

    @cached_property
    def total(self) -> int:
        """All of them added up."""
        return sum(sum(part) for part in self._parts)

    @property
    def mean(self) -> float | None:
        """Their mean; None without any."""
        return self.total / self.number if self.number else None

    @property
    def largest(self) -> int | None:
        """The largest; None without any."""
        return max((part[-1] for part in self._parts), default=None)

    def quantile(self, share: float) -> float | None:
        """The value below which `share` (0 to 1) of them lie, between two neighbours in proportion, as PostgreSQL's
        percentile_cont; None without any."""
        if not self.number:
            return None
        place = share * (self.number - 1)
        low = int(place)
        first = self._at(low)
        if place == low:
            return float(first)
        return first + (place - low) * (self._following(low + 1, first) - first)

    def _at(self, place: int) -> int:
        """The value at `place` in the order of all: the least of which at least `place` + 1 are no larger."""
        if len(self._parts) == 1:
            return self._parts[0][place]
        low, high = min(part[0] for part in self._parts), max(part[-1] for part in self._parts)
        while low < high:
            middle = (low + high) // 2
            if sum(bisect_right(part, middle) for part in self._parts) > place:
                high = middle
            else:
                low = middle + 1
        return low

    def _following(self, place: int, before: int) -> int:
        """The value at `place`, when `before` is the one right before it."""
        ends = [(part, bisect_right(part, before)) for part in self._parts]
        if sum(end for _, end in ends) > place:
            return before
        return min(part[end] for part, end in ends if end < len(part))


def unpacked(packed: bytes | memoryview) -> array[int]:
    """The values of one part, in order."""
    values = array("I")
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    return values
