"""The life of a finding: what a sighting makes of it, and until when a person may accept it."""

from __future__ import annotations

import datetime as dt
from typing import Final

LONGEST_ACCEPTANCE: Final = dt.timedelta(days=365)
A_DAY: Final = dt.timedelta(days=1)


def after_sighting(state: str, accepted_until: dt.date | None, today: dt.date) -> str:
    """The state of a known finding that a run has seen again.

    A resolved one that comes back is new. An accepted one stays accepted to the end of its last day, then it is
    ongoing.
    """
    if state == "resolved":
        return "new"
    if state == "accepted" and not acceptance_ended(state, accepted_until, today):
        return "accepted"
    return "ongoing"


def acceptance_ended(state: str, accepted_until: dt.date | None, today: dt.date) -> bool:
    """Whether an accepted finding is past its last day. Until a run sees it again it is accepted by name only."""
    return state == "accepted" and (accepted_until is None or accepted_until < today)


def first_day(today: dt.date) -> dt.date:
    """The first day until which a finding may be accepted."""
    return today + A_DAY


def last_day(today: dt.date) -> dt.date:
    """The last one: what is accepted for longer is forgotten."""
    return today + LONGEST_ACCEPTANCE


def why_not_until(until: dt.date, today: dt.date) -> str:
    """Why nobody may accept a finding until this day, in words; empty when they may."""
    if until < first_day(today):
        return "The last day must be after today."
    if until > last_day(today):
        return f"At most a year: until {last_day(today):%Y-%m-%d}. What is accepted for longer is forgotten."
    return ""


def age_in_words(age: dt.timedelta) -> str:
    """How long something has gone on, for a sentence: 3 weeks. Rounded down, in the largest unit that has two of it,
    so that nothing is said to be older than it is; below two minutes, a moment."""
    units = (("year", 365 * 86400), ("week", 7 * 86400), ("day", 86400), ("hour", 3600))
    seconds = age.total_seconds()
    for unit, length in (*units, ("minute", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}s"
    return "a moment"
