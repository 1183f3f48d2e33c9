"""The states of a ticket, and what a source may do to one. A source never overrules a person."""

from __future__ import annotations

from typing import Final

OPEN: Final = "open"
IN_PROGRESS: Final = "in_progress"
RESOLVED: Final = "resolved"
CLOSED: Final = "closed"

UNFINISHED: Final = frozenset({OPEN, IN_PROGRESS})
FINISHED: Final = frozenset({RESOLVED, CLOSED})


def clear_resolves(status: str, *, touched: bool) -> bool:
    """Whether a ticket whose source is clear again is resolved by that alone.

    Only one that waits and that no person has `touched` (written to its timeline): everybody else's is theirs to end.
    """
    return status == OPEN and not touched
