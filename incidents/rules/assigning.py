"""Who may take a ticket, and who may be given one."""

from __future__ import annotations

from incidents.rules import ticket_states


def why_not_claim(
    *, status: str, mine: bool, holder: str | None, accepted: bool, actor_tier: int | None, tier: int
) -> str | None:
    """Why a person cannot take a ticket; None when they can.

    `holder` is the other person who has it, `accepted` whether its holder has begun.
    """
    if problem := ticket_states.why_not_edit(status):
        return problem
    if actor_tier is not None and actor_tier != tier and not mine:
        return f"This ticket is in tier {tier}, and you are in tier {actor_tier}: only its own tier can claim it."
    if holder is not None and accepted:
        return f"{holder} has it already."
    if mine and accepted and status == ticket_states.IN_PROGRESS:
        return "It is yours already, and in progress."
    return None


def why_not_assign(*, name: str, active: bool, may: bool, person_tier: int | None, tier: int) -> str | None:
    """Why a ticket of `tier` cannot be given to a person; None when it can. An empty name: nobody."""
    if not name:
        return None
    if not active:
        return f"{name} has left."
    if not may:
        return f"{name} may not work on tickets: their role does not allow it."
    if person_tier is not None and person_tier != tier:
        return f"{name} is in tier {person_tier}, and this ticket is in tier {tier}. Escalate it or hand it back first."
    return None


def why_not_on_call(*, name: str, active: bool, may: bool, person_tier: int | None, tier: int) -> str | None:
    """Why a person cannot be on call for `tier`; None when they can."""
    if not active:
        return f"{name} has left."
    if not may:
        return f"{name} may not work on tickets: their role does not allow it."
    if person_tier is not None and person_tier != tier:
        return (
            f"{name} is in tier {person_tier}: only its own people, or those of no tier, are on call for tier {tier}."
        )
    return None
