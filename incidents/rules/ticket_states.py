"""The states of a ticket, which leads to which, and what a source may do to one. A source never overrules a person."""

from __future__ import annotations

from typing import Final

OPEN: Final = "open"
IN_PROGRESS: Final = "in_progress"
RESOLVED: Final = "resolved"
CLOSED: Final = "closed"

UNFINISHED: Final = frozenset({OPEN, IN_PROGRESS})
FINISHED: Final = frozenset({RESOLVED, CLOSED})

WORDS: Final = {OPEN: "open", IN_PROGRESS: "in progress", RESOLVED: "resolved", CLOSED: "closed"}

# What a person does (as they read it), from where, to where. There are no other ways.
START: Final = "start"
RESOLVE: Final = "resolve"
CLOSE: Final = "close"
REOPEN: Final = "reopen"
TRANSITIONS: Final = {
    START: (frozenset({OPEN}), IN_PROGRESS),
    RESOLVE: (UNFINISHED, RESOLVED),
    CLOSE: (frozenset({RESOLVED}), CLOSED),
    REOPEN: (FINISHED, OPEN),
}


def possible(status: str) -> list[str]:
    """What can be done to a ticket in `status`, in the order of its life."""
    return [verb for verb, (begins, _) in TRANSITIONS.items() if status in begins]


def after(verb: str, status: str) -> str | None:
    """The status after `verb`, None when the table has no such way."""
    begins, ends = TRANSITIONS[verb]
    return ends if status in begins else None


def why_not(verb: str, status: str) -> str | None:
    """Why `verb` cannot be done to a ticket in `status`, and what can; None when it can."""
    if after(verb, status) is not None:
        return None
    can = " or ".join(possible(status))
    return f"This ticket is {WORDS[status]}: it cannot {verb} now. What can be done: {can}."


def why_not_edit(status: str) -> str | None:
    """Why nothing of a ticket in `status` can be changed; None when it can."""
    if status in UNFINISHED:
        return None
    can = " or ".join(possible(status))
    return f"This ticket is {WORDS[status]} and is not changed any more. What can be done: {can}."


def clear_resolves(status: str, *, touched: bool) -> bool:
    """Whether a ticket whose source is clear again is resolved by that alone.

    Only one that waits and that no person has `touched` (written to its timeline): everybody else's is theirs to end.
    """
    return status == OPEN and not touched
