"""What handing a ticket on asks for."""

from __future__ import annotations

from collections.abc import Sequence


def why_not_criterion(criterion: str, known: Sequence[str]) -> str | None:
    """Why this is no reason of those that the tier has; None when it is."""
    if criterion in known:
        return None
    return f"Choose one of: {'; '.join(known) or 'none are set for this tier, ask a lead'}."
