"""The states of a notice, which may follow which, and when a failed one is tried again. Pure, tested by table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

QUEUED: Final = "queued"
SENDING: Final = "sending"
SENT: Final = "sent"
FAILED: Final = "failed"
DEAD: Final = "dead"
CANCELLED: Final = "cancelled"
BUNDLED: Final = "bundled"

MEANING: Final = {
    QUEUED: "waits to be sent",
    SENDING: "being sent",
    SENT: "the receiver has taken it",
    FAILED: "will be tried again",
    DEAD: "given up",
    CANCELLED: "stopped before it was sent",
    BUNDLED: "another one tells it too",
}
WAITING: Final = frozenset({QUEUED, FAILED})
UNDELIVERED: Final = WAITING | {SENDING}
SETTLED: Final = frozenset({SENT, DEAD, CANCELLED, BUNDLED})
NEXT: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({SENDING, CANCELLED}),
    # Just before it is sent it may turn out that nobody wants it any more, or that another one tells it.
    SENDING: frozenset({SENT, FAILED, DEAD, CANCELLED, BUNDLED}),
    FAILED: frozenset({SENDING, QUEUED, CANCELLED}),
    # Back to queued: a person sends it again. A dead one is cancelled by who has seen it and lets it be.
    SENT: frozenset({QUEUED}),
    DEAD: frozenset({QUEUED, CANCELLED}),
    CANCELLED: frozenset({QUEUED}),
    BUNDLED: frozenset({QUEUED, CANCELLED}),
}

# What goes first when much waits: a test that somebody looks for, what is critical, then by how soon it is needed.
TEST, CRITICAL, SOON, NORMAL, LATER = 0, 1, 3, 4, 5
PLENTY: Final = 12  # lines of a digest; what is more is counted

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


def belongs_in_digest(recent: int, most: int) -> bool:
    """Whether one more notice is one too many: `recent` of its sort were sent within the window, `most` may be.

    `most` 0 or less: never.
    """
    return 0 < most <= recent


def digest_subject(names: Sequence[str]) -> str:
    """What a digest is called, from what many of each notice in it are called: `14 new tickets`, else `14 notices`."""
    different = set(names)
    return f"{len(names)} {different.pop() if len(different) == 1 else 'notices'}"


def digest_lines(subjects: Sequence[str]) -> list[str]:
    """The lines of a digest, oldest first; how many more there are when they are too many to read."""
    more = len(subjects) - PLENTY
    return [*subjects[:PLENTY], *([f"and {more} more"] if more > 0 else [])]
