"""What people read about a run in each state: a label, a tone, what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from maintenance.rules import run_states

Tone = Literal["success", "info", "warning", "danger", ""]


@dataclass(frozen=True)
class Words:
    """`happened` is true of every run in the state; `todo` is empty when nothing is left to do."""

    label: str
    tone: Tone
    happened: str
    todo: str = ""


WORDS: Final[dict[str, Words]] = {
    run_states.QUEUED: Words("Queued", "info", "It waits for a worker. Nothing has been done yet."),
    run_states.RUNNING: Words("Running", "info", "It is at work."),
    run_states.SUCCEEDED: Words("Succeeded", "success", "All of its work is done, and nothing was found wrong."),
    run_states.WARNING: Words(
        "Warning",
        "warning",
        "The work is done, but something was found or parts were skipped.",
        "Read the skipped steps and the findings below: each says why, and how to mend it.",
    ),
    run_states.FAILED: Words(
        "Failed",
        "danger",
        "It did not do its work. Steps that passed before keep their result.",
        "Mend what the message names, then run it again.",
    ),
    run_states.TIMED_OUT: Words(
        "Timed out",
        "danger",
        "It reached its time limit. What it executed was cancelled on the server; steps that passed keep their result.",
        "Run it again: it goes on with what is left.",
    ),
    run_states.CANCELLED: Words(
        "Cancelled",
        "",
        "A person stopped it. What it executed was cancelled on the server; steps that passed keep their result.",
        "Run it again when it may finish.",
    ),
    run_states.LOST: Words(
        "Lost",
        "danger",
        "Its worker died. How far the last step came is not known, and nothing is repeated by itself.",
        "Read the last lines of the log, see whether the workers are well, then run it again.",
    ),
    run_states.SKIPPED: Words(
        "Skipped",
        "",
        "It did not start, and nothing was changed.",
        "Run it again when what stood in the way is gone.",
    ),
    run_states.NOT_CONFIGURED: Words(
        "Not configured",
        "warning",
        "It lacks what it needs, so nothing was checked or changed. This never counts as passed.",
        "Configure what the message names, then run it again.",
    ),
}


def what_is_new(state: str, verdict: str) -> str:
    """A verdict as it reads behind the label of its state: "Skipped: the target is locked." loses its first word."""
    rest = verdict.removeprefix(WORDS[state].label)
    if rest == verdict or rest[:1] not in (":", "."):
        return verdict
    rest = rest[1:].strip()
    return rest[:1].upper() + rest[1:]
