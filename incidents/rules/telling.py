"""What the timeline says of the alerts of one delivery: figures, and a handful of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_NAMES: Final = 3


def how_many(count: int) -> str:
    """`1 alert`, `1,200 alerts`."""
    return f"{count:,} {'alert' if count == 1 else 'alerts'}"


def counted(names: Sequence[str], one: str, many: str) -> str:
    """`2 alerts fire: A, B`; of many only the first names. Empty without any."""
    if not names:
        return ""
    shown = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{how_many(len(names))} {one if len(names) == 1 else many}: {shown}{more}"


def sentence(fires: Sequence[str], again: Sequence[str], ended: Sequence[str], truncated: int) -> str:
    """All that is new in a delivery, in one line."""
    parts = [
        counted(fires, "fires", "fire"),
        counted(again, "fires again", "fire again"),
        counted(ended, "is resolved", "are resolved"),
        f"+{truncated:,} truncated" if truncated else "",
    ]
    return "; ".join(filter(None, parts))
