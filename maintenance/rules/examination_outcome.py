"""How a task that examines ended: its state and one true sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from maintenance.rules.amounts import count

# How the words about a piece of a part begin that could not be measured.
NOT_MEASURED: Final = "not measured: "


class State(Enum):
    """What became of a part. The value is the word for people."""

    DONE = "done"
    NOT_MEASURED = "not measured"
    OUT_OF_TIME = "out of time"
    FAILED = "failed"


@dataclass(frozen=True)
class Look:
    """What became of one part. `why` it was not done, or which pieces of it were not measured; empty otherwise.

    `examined` are the kinds of finding that it looked for completely.
    """

    part: str
    state: State
    why: str = ""
    findings: int = 0
    examined: frozenset[str] = frozenset()


def conclude_parts(looks: Sequence[Look], *, done: str = "") -> tuple[Literal["succeeded", "warning", "failed"], str]:
    """The state and the sentence of a task that only examines.

    Failed when every part failed; a warning with findings, or with a part that failed or did not fit into the time.
    What this installation cannot measure at all is said, and is no warning by itself: it would be one for ever.
    `done` says what else was done, such as "2 indexes rebuilt".
    """
    findings = sum(look.findings for look in looks)
    parts = [done] if done else []
    parts.append(count(findings, "finding") if findings else "nothing found")
    parts += phrases(looks)
    text = "; ".join(parts)
    sentence = f"{text[:1].upper()}{text[1:]}.{unmeasured(looks)}"
    if looks and all(look.state is State.FAILED for look in looks):
        return "failed", sentence
    trouble = findings or any(look.state in (State.FAILED, State.OUT_OF_TIME) for look in looks)
    return ("warning" if trouble else "succeeded"), sentence


def not_done(looks: Sequence[Look]) -> list[dict[str, str]]:
    """What was not done, for a report: `part`, `state` (not measured, out of time, failed, left) and `why`."""
    return [
        {"part": look.part, "state": _word(look), "why": look.why.removeprefix(NOT_MEASURED)}
        for look in looks
        if look.state is not State.DONE or look.why
    ]


def _word(look: Look) -> str:
    if look.state is not State.DONE:
        return str(look.state.value)
    return str(State.NOT_MEASURED.value) if look.why.startswith(NOT_MEASURED) else "left"


def phrases(looks: Sequence[Look]) -> list[str]:
    """What went wrong, a phrase each, such as "sequences failed: permission denied"."""
    return [
        f"{_name(look)} {look.state.value}" + (f": {look.why}" if look.why else "")
        for look in looks
        if look.state in (State.FAILED, State.OUT_OF_TIME)
    ] + [look.why for look in looks if _word(look) == "left" and look.why]


def unmeasured(looks: Sequence[Look]) -> str:
    """A second sentence, such as " Not measured: index bloat."; the steps and the report say why. Empty for nothing."""
    parts = [_name(look) for look in looks if look.state is State.NOT_MEASURED]
    pieces = [
        f"a piece of {_name(look)}" for look in looks if look.state is State.DONE and look.why.startswith(NOT_MEASURED)
    ]
    names = parts + pieces
    return f" Not measured: {', '.join(names)}." if names else ""


def _name(look: Look) -> str:
    return f"{look.part[:1].lower()}{look.part[1:]}"
