"""Numbers in words for people: counts, sizes, times."""

from __future__ import annotations

import datetime as dt
from typing import Final

UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


def count(number: float, noun: str, plural: str = "") -> str:
    """`1 table`, `48,210 dead rows`."""
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"


def size(number: float) -> str:
    """Bytes as `512 bytes`, `1.1 GiB`: units of 1,024."""
    amount, unit = float(number), UNITS[0]
    for unit in UNITS:
        if abs(amount) < 1024 or unit == UNITS[-1]:
            break
        amount /= 1024
    return f"{amount:,.0f} {unit}" if unit == "bytes" or abs(amount) >= 100 else f"{amount:,.1f} {unit}"


def duration(seconds: float) -> str:
    """Seconds as `12 ms`, `0.4 s`, `52 s`, `3 min 06 s`, `2 h 05 min`."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"


def moment(iso: str) -> str:
    """An ISO 8601 time in UTC as `5 Apr 2026, 03:01 UTC`; nothing for nothing."""
    if not iso:
        return ""
    at = dt.datetime.fromisoformat(iso).astimezone(dt.UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def clock(seconds: float) -> str:
    """Seconds as `HH:MM:SS`; more than 99 hours get more digits."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
