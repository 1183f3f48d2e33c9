"""What a person can do to a ticket now, and what of it comes first."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.rules import assigning, ticket_states, tiers


@dataclass(frozen=True)
class Offer:
    """`deed` is its name in addresses, `text` on its button. One is `primary`; the `rare` ones stand in a menu."""

    deed: str
    text: str
    primary: bool = False
    rare: bool = False


def offered(
    *,
    status: str,
    mine: bool,
    holder: str | None,
    accepted: bool,
    actor_tier: int | None,
    tier: int,
    paused: bool,
) -> list[Offer]:
    """What can be done, in the order of its buttons. `holder` is the other person who has it, if any."""
    if status == ticket_states.CLOSED:
        return [Offer("reopen", "Reopen")]
    if status == ticket_states.RESOLVED:
        return [Offer("reopen", "Reopen"), Offer("close", "Close")]
    why_not = assigning.why_not_claim(
        status=status, mine=mine, holder=holder, accepted=accepted, actor_tier=actor_tier, tier=tier
    )
    found = []
    if why_not is None:
        text = "Claim" if not mine else "Start" if accepted else "Acknowledge"
        found.append(Offer("claim", text, primary=True))
    if paused:
        found.append(Offer("resume", "Let it go on", primary=not found and mine))
    primary = any(offer.primary for offer in found)
    further = Offer("vendor", "Escalate to a vendor") if tier == tiers.LAST else _up(tier)
    found += [Offer("assign", "Assign"), further, Offer("resolve", "Resolve", primary=mine and not primary)]
    if tier > tiers.FIRST:
        found.append(Offer("hand-back", f"Hand back to tier {tier - 1}", rare=True))
    if not paused:
        found.append(Offer("pause", "Pause", rare=True))
    found.append(Offer("edit", "Edit", rare=True))
    return found


def _up(tier: int) -> Offer:
    return Offer("escalate", f"Escalate to tier {tier + 1}")
