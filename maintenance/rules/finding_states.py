"""The life of a finding: what a sighting makes of it."""

from __future__ import annotations

import datetime as dt


def after_sighting(state: str, accepted_until: dt.date | None, today: dt.date) -> str:
    """The state of a known finding that a run has seen again.

    A resolved one that comes back is new. An accepted one stays accepted to the end of its last day, then it is
    ongoing.
    """
    if state == "resolved":
        return "new"
    if state == "accepted" and accepted_until is not None and today <= accepted_until:
        return "accepted"
    return "ongoing"
