"""Shares of a whole: from 0 to 1, None while nothing is known; written in percent, never rounded up."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Final

# Fewer than so many make no trend; fewer than so many make no 95th percentile.
ENOUGH_FOR_TREND: Final = 10
ENOUGH_FOR_P95: Final = 20
ENOUGH_COVERAGE: Final = 0.95


def ratio(part: float, whole: float) -> float | None:
    """The share that `part` is of `whole`; None without a whole."""
    return part / whole if whole else None


def headline_success(missed: float | None) -> str:
    """The key of the success rate that stands at the head: the strict one when so many due times were missed."""
    return "success_rate_strict" if missed else "success_rate"


def percent(share: float | None, digits: int = 1) -> str:
    """A share in percent with so many digits, cut off and not rounded: 0.999996 with 3 is `99.999`, None is `—`."""
    if share is None:
        return "—"
    # What the float is written as, not what it is: 0.29 is 29 %, and not 28.999999999999996 %.
    exact = Decimal(repr(float(share))) * 100
    return f"{exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR):f}"
