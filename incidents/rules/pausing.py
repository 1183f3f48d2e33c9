"""How long a clock may stand still."""

from __future__ import annotations

import datetime as dt
from typing import Final

DEFAULT_CAPS: Final = {
    "critical": dt.timedelta(hours=4),
    "high": dt.timedelta(hours=24),
    "medium": dt.timedelta(hours=72),
    "low": dt.timedelta(hours=168),
}


def in_hours(length: dt.timedelta) -> str:
    """A length for a sentence: 4 h, 90 min."""
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def why_not_until(
    until: dt.datetime, now: dt.datetime, *, cap: dt.timedelta, paused_before: dt.timedelta, severity: str
) -> str | None:
    """Why the clocks of a ticket cannot stand still until then; None when they can.

    `cap` is what a ticket of that severity may be paused in one stay in a tier, `paused_before` what it has been.
    """
    if until <= now:
        return "That has passed already. Say when it goes on."
    if paused_before + (until - now) <= cap:
        return None
    said = f"A {severity} ticket may be paused for {in_hours(cap)} in one stay in a tier"
    left = cap - paused_before
    if left < dt.timedelta(minutes=1):
        return f"{said}, and this one has been. Its clock runs."
    used = f", and this one has been for {in_hours(paused_before)}" if paused_before else ""
    return f"{said}{used}. It can be paused for {in_hours(left - dt.timedelta(seconds=left.seconds % 60))} at most."
