"""Figures as reports write them, by their unit: ratio, seconds, count or days. What is not known is a dash."""

from __future__ import annotations

from typing import Final

from maintenance.rules.ratios import percent
from zbmaint.ui import words

NOTHING: Final = "—"
Figure = int | float | None


def figure(value: Figure, unit: str, digits: int = 1) -> str:
    """A value for people: 98.4%, 3m 41s, 1,204, 2.5 days."""
    if value is None:
        return NOTHING
    if unit == "ratio":
        return f"{percent(value, digits)}%"
    if unit == "seconds":
        return words.duration(value)
    if unit == "days":
        return f"{words.thousands(round(value, 1))} days"
    return words.thousands(value)


def difference(value: Figure, unit: str, digits: int = 1) -> str:
    """A difference with its sign, of rates in points: −1.6 pt, +7s, −2, 0."""
    if value is None:
        return NOTHING
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if unit == "ratio":
        points = f"{abs(value) * 100:.{digits}f}"
        return f"{sign if float(points) else ''}{points} pt"
    if unit == "seconds":
        return f"{sign}{words.duration(abs(value))}"
    if unit == "days":
        return f"{sign}{words.thousands(abs(round(value, 1)))} days"
    return f"{sign}{words.thousands(abs(value))}"


def minus(after: Figure, before: Figure) -> Figure:
    """The difference; None unless both are known."""
    return None if after is None or before is None else after - before
