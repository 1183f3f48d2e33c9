"""What the queue warns of: tickets that nobody looks after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incidents.forms.queue_setup import QueueTier
from incidents.views.queue_counts import QueueCounts


@dataclass(frozen=True)
class QueueWarnings:
    """Tiers with tickets that nobody has while nobody is on call, each with how many; and who left tickets behind."""

    uncovered: list[tuple[QueueTier, int]]
    left: list[str]
    stranded: int


def read_warnings(tiers: Iterable[QueueTier], counts: QueueCounts) -> QueueWarnings:
    """What `tiers` and `counts` say; no query."""
    uncovered = [
        (tier, counts.unassigned.get(tier.number, 0))
        for tier in tiers
        if not tier.covered and counts.unassigned.get(tier.number)
    ]
    return QueueWarnings(uncovered, counts.left, counts.stranded)
