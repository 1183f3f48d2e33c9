"""What can be a tier's targets."""

from __future__ import annotations

import datetime as dt

from incidents.rules import lengths
from incidents.rules.business_time import Calendar, NeverOpen, after


def why_not_resolution(response: int, resolution: int | None) -> str | None:
    """Why a resolution target cannot stand beside a response target (minutes); None when it can."""
    if resolution is not None and resolution < response:
        return f"Nothing is resolved before the response: {lengths.written(response)} or more, or nothing."
    return None


def why_not_in(calendar: Calendar, minutes: int, now: dt.datetime) -> str | None:
    """Why a target of that length cannot be kept by a calendar; None when it can.

    Such a ticket could have no moment at which it is due. Twice the length is asked for, so that holidays to come and
    tickets that come later have room.
    """
    try:
        after(calendar, now, dt.timedelta(minutes=2 * minutes))
    except NeverOpen:
        return f"It is open too seldom for a target of {lengths.written(minutes)}. Give it more hours."
    return None
