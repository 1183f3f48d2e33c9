"""How bad it is that a session works, waits or idles for so long, and that so many connections are taken. Pure."""

from __future__ import annotations

from typing import Final, Literal

Severity = Literal["critical", "high", "medium", "low"]

MINUTE, HOUR = 60, 3600
# Shares of the usable connections.
MANY: Final = 0.7
NEARLY_ALL: Final = 0.9


def of_long_query(seconds: float) -> Severity:
    """A query may have a reason to be long; one of half an hour deserves a look."""
    return "medium" if seconds >= 30 * MINUTE else "low"


def of_idle_in_transaction(seconds: float) -> Severity:
    """It holds its locks and its snapshot and does nothing with them."""
    if seconds >= HOUR:
        return "high"
    return "medium" if seconds >= 5 * MINUTE else "low"


def of_blocked(seconds: float) -> Severity:
    """Somebody waits for a lock; beyond five minutes somebody else has noticed."""
    return "high" if seconds >= 5 * MINUTE else "medium"


def of_connections(used: int, usable: int) -> Severity | None:
    """Connections taken of those that an application can get; None while enough are left."""
    if usable <= 0 or used <= MANY * usable:
        return None
    return "high" if used > NEARLY_ALL * usable else "medium"


def of_sequence(share: float) -> Severity | None:
    """The share of a sequence's numbers that is used up, 0 to 1; None while enough are left."""
    if share >= 0.9:
        return "critical"
    if share >= 0.8:
        return "high"
    return "medium" if share >= 0.7 else None
