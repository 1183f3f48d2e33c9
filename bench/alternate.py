"""Measuring on a noisy machine: in alternation, with the median and what lies around it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some values, and the lowest and highest of them."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.lowest:.3g} to {self.highest:.3g}"


def spread(values: Sequence[float]) -> Spread:
    """Sum up `values`, of which there is at least one."""
    return Spread(statistics.median(values), min(values), max(values))


def alternate(sides: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Call every side in every round, in turning order; returns milliseconds by side, those of the warm-up left out.

    Whoever goes first finds another cache than the second, so the order turns from round to round.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(-warm_up, rounds):
        for name in sorted(sides, reverse=number % 2 == 0):
            began = time.perf_counter()
            sides[name]()
            took = (time.perf_counter() - began) * 1000
            if number >= 0:
                times[name].append(took)
    return times
