"""What is to become of a due occurrence: one decision, from facts, in a fixed order of reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

# How the reasons begin with which a time is skipped that people held.
HELD: Final = ("freeze: ", "paused: ")
# An occurrence that is planned this long after its time was missed by a ticker that did not run: it is a catch-up.
ON_TIME = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Situation:
    """The facts about one due occurrence at `now`. Texts name who or what is in the way; empty means nothing is."""

    now: dt.datetime
    due_at: dt.datetime
    start_by: dt.datetime
    planned_at: dt.datetime
    catch_up: Literal["latest", "none"] = "latest"
    overlap: Literal["skip", "wait"] = "skip"
    frozen_by: str = ""
    paused_by: str = ""
    newer_is_due: bool = False
    before_it: str = ""
    still_running: str = ""
    locked_by: str = ""
    window: tuple[dt.time, dt.time] | None = None
    free_starts: int = 1


@dataclass(frozen=True)
class Decision:
    """`start`, `wait` (it stays due), `skip` or `miss`, and the reason in words."""

    verb: Literal["start", "wait", "skip", "miss"]
    reason: str = ""


def decide(seen: Situation) -> Decision:
    """Decide. What a person ordered comes first, then what is too late, then what has to wait."""
    if seen.frozen_by:
        return Decision("skip", HELD[0] + seen.frozen_by)
    if seen.paused_by:
        return Decision("skip", HELD[1] + seen.paused_by)
    return _too_late(seen) or _in_the_way(seen) or Decision("start")


def _too_late(seen: Situation) -> Decision | None:
    if seen.newer_is_due:
        return Decision("miss", "a later time is due by now, and only the latest is caught up")
    if seen.now > seen.start_by:
        minutes = round((seen.start_by - seen.due_at).total_seconds() / 60)
        why = _waiting_for(seen)
        return Decision("miss", f"not started within {minutes} min{': ' + why if why else ''}")
    if seen.catch_up == "none" and seen.planned_at > seen.due_at + ON_TIME:
        return Decision("miss", "nothing was planning when it was due, and catch-up is off")
    return None


def _in_the_way(seen: Situation) -> Decision | None:
    if seen.still_running and seen.overlap == "skip":
        return Decision("skip", f"still running: {seen.still_running}")
    reason = _waiting_for(seen)
    return Decision("wait", reason) if reason else None


def _waiting_for(seen: Situation) -> str:
    if seen.window is not None and not is_inside(seen.window, seen.now.time()):
        return f"outside its window {seen.window[0]:%H:%M} to {seen.window[1]:%H:%M} UTC"
    if seen.before_it:
        return f"waits for {seen.before_it}"
    if seen.still_running:
        return f"waits for {seen.still_running}"
    if seen.locked_by:
        return f"waits for {seen.locked_by}"
    if seen.free_starts <= 0:
        return "waits for a free worker"
    return ""


def is_inside(window: tuple[dt.time, dt.time], moment: dt.time) -> bool:
    """Whether `moment` is inside the window; one that ends before it begins goes over midnight."""
    begin, end = window
    if begin <= end:
        return begin <= moment < end
    return moment >= begin or moment < end
