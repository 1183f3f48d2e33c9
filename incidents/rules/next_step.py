"""What happens next to a ticket, and whom it waits for, in sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from incidents.rules import ticket_states
from incidents.rules.clocks import state

Tone = Literal["", "info", "warning", "danger"]
RESPONSE: Final = "response"


@dataclass(frozen=True)
class Standing:
    """A ticket as it stands.

    `holder` is who has it (`left`: they have left), `due` the next target's moment of the clock `due_clock`,
    `waits_for` why it is paused, `closes_at` when a resolved one is closed by itself.
    """

    status: str
    tier: int
    holder: str | None = None
    mine: bool = False
    accepted: bool = False
    left: bool = False
    on_call: str | None = None
    due: dt.datetime | None = None
    due_clock: str = ""
    at_risk: dt.datetime | None = None
    responded: bool = False
    paused_until: dt.datetime | None = None
    waits_for: str = ""
    closes_at: dt.datetime | None = None
    clear: bool = False


@dataclass(frozen=True)
class Sentence:
    """`before`, then `moment` as far as it lies from now ("in 14m"), then `after`."""

    before: str
    moment: dt.datetime | None = None
    after: str = "."


@dataclass(frozen=True)
class NextStep:
    """The next thing that happens by itself, and whom it waits for."""

    tone: Tone
    sentences: tuple[Sentence, ...]


def next_step(it: Standing, now: dt.datetime) -> NextStep:
    """What happens next to a ticket that stands like `it`."""
    if it.status == ticket_states.CLOSED:
        return NextStep("", (Sentence("Closed. Nothing happens any more; reopen it if it comes back"),))
    if it.status == ticket_states.RESOLVED:
        return NextStep("", (Sentence("Closes by itself ", it.closes_at, ", unless somebody reopens it."),))
    tone, happens = _clock(it, now)
    who = _who(it)
    if it.holder is None and it.on_call is None and not tone:
        tone = "warning"
    more = (Sentence("Its source is clear again: whoever works on it says when it ends"),) if it.clear else ()
    return NextStep(tone, (happens, Sentence(who), *more))


def _clock(it: Standing, now: dt.datetime) -> tuple[Tone, Sentence]:
    """What the clock does that runs, or why none does."""
    if it.paused_until is not None:
        why = f" ({it.waits_for})" if it.waits_for else ""
        return "info", Sentence(f"Paused{why}; goes on by itself ", it.paused_until)
    if it.due is None:
        said = f"Tier {it.tier} has responded" if it.responded else "No clock runs"
        return "", Sentence(f"{said}, and resolving it has no target: nothing is due")
    stands = state(it.due, it.at_risk, now)
    tone: Tone = "danger" if stands == "breached" else "warning" if stands == "soon" else ""
    if it.due_clock == RESPONSE:
        if stands == "breached":
            return tone, Sentence(f"Tier {it.tier} should have responded ", it.due, ": its target is missed.")
        return tone, Sentence(f"Tier {it.tier} must respond ", it.due, ", then it is recorded as missed.")
    if stands == "breached":
        return tone, Sentence("It should have been resolved ", it.due, ": the target is missed.")
    return tone, Sentence("It must be resolved ", it.due, ", then it is recorded as missed.")


def _who(it: Standing) -> str:
    """Whom it waits for."""
    anybody = f"anybody of tier {it.tier} may claim it"
    if it.holder is None:
        if it.on_call is None:
            return f"Nobody has it, and nobody is on call for tier {it.tier}: {anybody}"
        return f"Nobody has it: {anybody}"
    if it.left:
        return f"{it.holder} has left: {anybody}"
    if not it.accepted:
        return "Waits for you to acknowledge it" if it.mine else f"Waits for {it.holder} to accept it; {anybody}"
    who = "You have it" if it.mine else f"{it.holder} has it"
    return who if it.status == ticket_states.IN_PROGRESS else f"{who}, and work on it has not begun"
