"""The states of a notice, which may follow which, and when a failed one is tried again. Pure, tested by table."""

from __future__ import annotations

import datetime as dt
from typing import Final

QUEUED: Final = "queued"
SENDING: Final = "sending"
SENT: Final = "sent"
FAILED: Final = "failed"
DEAD: Final = "dead"
CANCELLED: Final = "cancelled"

MEANING: Final = {
    QUEUED: "waits to be sent",
    SENDING: "being sent",
    SENT: "the receiver has taken it",
    FAILED: "will be tried again",
    DEAD: "given up",
    CANCELLED: "stopped by a person",
}
WAITING: Final = frozenset({QUEUED, FAILED})
UNDELIVERED: Final = WAITING | {SENDING}
SETTLED: Final = frozenset({SENT, DEAD, CANCELLED})
NEXT: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({SENDING, CANCELLED}),
    SENDING: frozenset({SENT, FAILED, DEAD}),
    FAILED: frozenset({SENDING, QUEUED, CANCELLED}),
    # Back to queued: a person sends it again.
    SENT: frozenset({QUEUED}),
    DEAD: frozenset({QUEUED}),
    CANCELLED: frozenset({QUEUED}),
}

SHORTEST, BASE, LONGEST = dt.timedelta(seconds=1), dt.timedelta(seconds=10), dt.timedelta(minutes=30)


def may_follow(current: str, following: str) -> bool:
    """Whether a notice in state `current` may become `following`."""
    return following in NEXT[current]


def pause(attempts: int, chance: float) -> dt.timedelta:
    """How long to wait after the failed attempt number `attempts`; `chance` is random, from 0 to 1.

    From a second to a limit that doubles from 10 s to 30 min: what failed together must not come back together.
    """
    doubled: int = 2 ** min(attempts - 1, 20)
    return max(SHORTEST, min(LONGEST, BASE * doubled) * chance)


def next_attempt(attempts: int, chance: float, now: dt.datetime, give_up_at: dt.datetime) -> dt.datetime | None:
    """When to try again after a failure at `now`; None when it is given up. The last attempt is at `give_up_at`."""
    if now >= give_up_at:
        return None
    return min(now + pause(attempts, chance), give_up_at)
