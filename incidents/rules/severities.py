"""Severities, worst first, and which of two is worse."""

from __future__ import annotations

from typing import Final

CRITICAL: Final = "critical"
HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"
WORST_FIRST: Final = (CRITICAL, HIGH, MEDIUM, LOW)


def worse(one: str, other: str) -> str:
    """The worse of two severities."""
    return min(one, other, key=WORST_FIRST.index)
