"""How long a ticket took, three ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.rules.business_time import ZERO, Calendar, Span, worked


@dataclass(frozen=True)
class Stay:
    """One stay of a ticket in a tier, while it was not finished."""

    entered: dt.datetime
    left: dt.datetime
    calendar: Calendar
    pauses: Sequence[Span] = ()


@dataclass(frozen=True)
class Taken:
    """What a resolution took: by the clock on the wall, in business time, and in business time without pauses."""

    wall: dt.timedelta = ZERO
    business: dt.timedelta = ZERO
    net: dt.timedelta = ZERO


def taken(stays: Iterable[Stay]) -> Taken:
    """The sum over all stays: what a reopened ticket took before counts, the time that it lay resolved does not."""
    total = Taken()
    for stay in stays:
        total = Taken(
            total.wall + (stay.left - stay.entered),
            total.business + worked(stay.calendar, stay.entered, stay.left),
            total.net + worked(stay.calendar, stay.entered, stay.left, stay.pauses),
        )
    return total
