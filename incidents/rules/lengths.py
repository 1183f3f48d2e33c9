"""Lengths of time as people type them: 15 min, 4 h, 2 days."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 365 * 24 * 60  # minutes
_UNITS: Final = {"min": 1, "minute": 1, "m": 1, "h": 60, "hour": 60, "d": 24 * 60, "day": 24 * 60}
_PART: Final = re.compile(r"(\d{1,6})\s*([a-z]+)", re.IGNORECASE)


class BadLength(ValueError):
    """What was typed is no length of time; the message says why and what to write."""


def read(text: str) -> int:
    """The minutes of a text such as `1 h 30 min`. A day has 24 hours. Raises BadLength."""
    parts = _PART.findall(text)
    units = [_UNITS.get(unit.lower().removesuffix("s")) for _, unit in parts]
    if not parts or None in units or _PART.sub("", text).strip(" ,"):
        raise BadLength(f"“{text.strip()}” is no length of time. Write it with its unit: 15 min, 4 h, 2 days.")
    minutes = sum(int(number) * (unit or 0) for (number, _), unit in zip(parts, units, strict=True))
    if not 0 < minutes <= LONGEST:
        raise BadLength(
            f"“{text.strip()}” is out of range. From 1 min to {LONGEST // _UNITS['day']} days are possible."
        )
    return minutes


def written(minutes: int) -> str:
    """The same as text, exactly: 15 min, 4 h, 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]))
