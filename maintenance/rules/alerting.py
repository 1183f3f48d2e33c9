"""When maintenance tells the people's floor, and how bad it says it is."""

from __future__ import annotations

from typing import Final, Literal

from maintenance.rules import run_states

# What did not do its work. A missed time is less: nothing broke, and the next one may come in time.
RUN_SEVERITY: Final[dict[str, str]] = {
    run_states.FAILED: "high",
    run_states.TIMED_OUT: "high",
    run_states.LOST: "high",
}
MISSED_SEVERITY: Final = "medium"
ALARMING: Final = frozenset({"critical", "high"})

Signal = Literal["raise", "clear", ""]


def signal_of(state: str, *, dry_run: bool, news: bool) -> Signal:
    """What the end of a run in `state` means for the alert of its task on its target.

    Work done clears it, but not when it brought `news` (findings that raise an alert themselves). Cancelled, skipped
    and not configured say nothing about the target, and a dry run does no work.
    """
    if dry_run:
        return ""
    if state in RUN_SEVERITY:
        return "raise"
    done = state == run_states.SUCCEEDED or (state == run_states.WARNING and not news)
    return "clear" if done else ""


def tells_news(state: str, *, dry_run: bool) -> bool:
    """Whether a run that ended in `state` tells of findings. Who cancelled it reads them; the next one tells them."""
    return not dry_run and state != run_states.CANCELLED


def is_alarming(state: str, severity: str) -> bool:
    """Whether a finding in this state is bad enough to wake somebody: high or critical, and nobody has accepted it."""
    return severity in ALARMING and state in ("new", "ongoing")


def is_news(state: str, severity: str, before: tuple[str, str] | None) -> bool:
    """Whether a sighting raises an alert: alarming now, and not `before`, at the sighting before it (state, severity).

    So one that got worse raises it too, and one whose acceptance has ended; one that goes on does not again.
    """
    return is_alarming(state, severity) and (before is None or not is_alarming(*before))
