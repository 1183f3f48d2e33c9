"""Many measured values as a day keeps them: whole numbers in order, packed. Quantiles over many days are exact.

A value is a whole number from 0 to 4,294,967,295, of a unit that the column says (seconds, milliseconds).
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain, repeat
from operator import getitem
from typing import Final

LARGEST: Final = 2**32 - 1
# So many values are faster sorted than parted.
FEW: Final = 400


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
        self._joined: Sequence[Spread] = ()

    @classmethod
    def joined(cls, spreads: Iterable[Spread]) -> Spread:
        """The values of several spreads together; what these know already is not made again."""
        made = cls(())
        made._joined = tuple(spreads)
        made._parts = [part for spread in made._joined for part in spread._parts]
        return made

    @classmethod
    def merged(cls, packed: bytes | memoryview) -> Spread:
        """The values of several days whose bytes stand one behind the other. For not too many of them: putting them in
        order takes time, and what is asked for afterwards none."""
        made = cls(())
        if len(packed):
            made._parts = [array("I", sorted(unpacked(packed)))]
        return made

    @cached_property
    def number(self) -> int:
        """How many values there are."""
        return sum(map(len, self._parts))

    @cached_property
    def total(self) -> int:
        """All of them added up."""
        return sum(spread.total for spread in self._joined) if self._joined else sum(map(sum, self._parts))

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
        if place == low:
            return float(self._from(low)[0])
        first, second = self._from(low)
        return first + (place - low) * (second - first)

    def _from(self, place: int) -> tuple[int, int]:
        """The value at `place` in the order of all, and the next one (of the last: itself)."""
        parts, after = self._parts, min(place + 1, self.number - 1)
        if len(parts) == 1:
            return parts[0][place], parts[0][after]
        starts, ends = [0] * len(parts), [len(part) for part in parts]
        low, high = min(part[0] for part in parts), max(part[-1] for part in parts)
        # The two are searched by value among those from `starts` to `ends` of the parts, until these are few.
        while low < high and sum(ends) - sum(starts) > FEW:
            middle = (low + high) // 2
            cuts = list(map(bisect_right, parts, repeat(middle), starts, ends))
            under = sum(cuts)
            if under <= place:
                starts, low = cuts, middle + 1
            elif under > after:
                ends, high = cuts, middle
            else:
                first = max(part[cut - 1] for part, cut in zip(parts, cuts, strict=True) if cut)
                return first, min(part[cut] for part, cut in zip(parts, cuts, strict=True) if cut < len(part))
        left = sorted(chain.from_iterable(map(getitem, parts, map(slice, starts, ends))))
        place, after = place - sum(starts), after - sum(starts)
        return left[place], left[after]


def unpacked(packed: bytes | memoryview) -> array[int]:
    """The values of one part, in order."""
    values = array("I")
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    return values
