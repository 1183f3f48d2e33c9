"""What counts as the response of a tier."""

from __future__ import annotations


def counts(*, actor_tier: int | None, tier: int, is_assignee: bool) -> bool:
    """Whether what a person does is the response of the owning tier.

    It is when they are of that tier. Whoever is of no tier (a lead) answers for it once the ticket is theirs. What
    another tier does to a ticket that it does not own is no response, and neither is anything that happens by itself.
    """
    return actor_tier == tier or (actor_tier is None and is_assignee)
