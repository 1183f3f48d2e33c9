"""Figures as reports write them, by their unit: ratio, seconds, count or days. What is not known is a dash."""

from __future__ import annotations

from typing import Final

from maintenance.rules.ratios import percent
from zbmaint.ui import words

NOTHING: Final = "—"
NO_BREAK: Final = "\u00a0"
Figure = int | float | None


def figure(value: Figure, unit: str, digits: int = 1) -> str:
    """A value for people: 98.4 %, 3m 41s, 1,204, 2.5 days."""
    if value is None:
        return NOTHING
    if unit == "ratio":
        return f"{percent(value, digits)}{NO_BREAK}%"
    if unit == "seconds":
        return words.duration(value)
    if unit == "days":
        return _days(value)
    return words.thousands(value)


def parted(written: str) -> tuple[str, str]:
    """A written rate without its sign of per cent, and that sign, for pages that write it smaller; of anything else it
    is empty."""
    figure, sign, _ = written.partition(f"{NO_BREAK}%")
    return figure, sign.removeprefix(NO_BREAK)


def change(now: Figure, before: Figure, unit: str, digits: int = 1) -> str:
    """What a value is more than the one before, of rates in points: −1.6 pt, +7s, −2, 0; empty unless both are known.

    Of rates it is the difference of what is shown, so that the three figures fit.
    """
    if now is None or before is None:
        return ""
    step = now - before
    if unit == "ratio":
        shown = [int(percent(each, digits).replace(".", "")) for each in (now, before)]
        step = (shown[0] - shown[1]) / 10**digits
    sign = "+" if step > 0 else "−" if step < 0 else ""
    if unit == "ratio":
        return f"{sign}{abs(step):.{digits}f} pt"
    if unit == "seconds":
        return f"{sign}{words.duration(abs(step))}"
    if unit == "days":
        return f"{sign}{_days(abs(step))}"
    return f"{sign}{words.thousands(abs(step) if isinstance(step, int) else abs(round(step, 1)))}"


def minus(after: Figure, before: Figure) -> Figure:
    """The difference; None unless both are known."""
    return None if after is None or before is None else after - before


def _days(value: int | float) -> str:
    return f"{words.thousands(round(value, 1))} {'day' if value == 1 else 'days'}"
