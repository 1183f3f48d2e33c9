"""The states of a run and which may follow which. One table, tested whole."""

from __future__ import annotations

from typing import Final

QUEUED: Final = "queued"
RUNNING: Final = "running"
SUCCEEDED: Final = "succeeded"
WARNING: Final = "warning"
FAILED: Final = "failed"
TIMED_OUT: Final = "timed_out"
CANCELLED: Final = "cancelled"
LOST: Final = "lost"
SKIPPED: Final = "skipped"
NOT_CONFIGURED: Final = "not_configured"

MEANING: Final = {
    QUEUED: "waits for a worker",
    RUNNING: "at work",
    SUCCEEDED: "done, nothing to report",
    WARNING: "done, with findings or skipped parts",
    FAILED: "did not do its work",
    TIMED_OUT: "stopped at its time limit",
    CANCELLED: "stopped by a person",
    LOST: "its worker died",
    SKIPPED: "did not start, with a reason",
    NOT_CONFIGURED: "lacks what it needs",
}
WORKED: Final = frozenset({SUCCEEDED, WARNING, FAILED, TIMED_OUT, CANCELLED, LOST})
FINAL: Final = WORKED | {SKIPPED, NOT_CONFIGURED}
ACTIVE: Final = frozenset({QUEUED, RUNNING})

NEXT: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({RUNNING, CANCELLED, SKIPPED, NOT_CONFIGURED, FAILED}),
    # Back to queued: the next attempt of a run whose worker died, when it changes nothing.
    RUNNING: WORKED | {NOT_CONFIGURED, QUEUED},
} | {state: frozenset() for state in FINAL}


def may_follow(current: str, following: str) -> bool:
    """Whether a run in state `current` may become `following`."""
    return following in NEXT[current]
