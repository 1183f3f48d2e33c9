"""What the queue warns of: tickets that nobody looks after."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.models import Tier
from incidents.views.queue_counts import QueueCounts


@dataclass(frozen=True)
class QueueWarnings:
    """Tiers with tickets that nobody has while nobody is on call, each with how many; and who left tickets behind."""

    uncovered: list[tuple[Tier, int]]
    left: list[str]
    stranded: int


def read_warnings(tiers: list[Tier], counts: QueueCounts) -> QueueWarnings:
    """What `tiers`, with their person on call, and `counts` say; no query."""
    uncovered = [
        (tier, counts.unassigned.get(tier.number, 0))
        for tier in tiers
        if (tier.on_call is None or not tier.on_call.is_active) and counts.unassigned.get(tier.number)
    ]
    return QueueWarnings(uncovered, counts.left, counts.stranded)
