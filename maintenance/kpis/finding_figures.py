"""What each figure of findings counts: one condition each, for the rolled days and for the rows behind them."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.lookups import DataContains
from django.db.models import F, Q, Value

from maintenance.models import FindingStretch
from maintenance.models.finding_stretch import STRETCH

State = FindingStretch.State


def found(begins: dt.datetime, ends: dt.datetime, now: dt.datetime) -> Q:
    """Stretches with which a finding began, or came back, within a period."""
    return Q(begins__gte=begins, begins__lt=ends, begins__lte=now, begins=F("since"))


def resolved(begins: dt.datetime, ends: dt.datetime, now: dt.datetime) -> Q:
    """Stretches at whose end, within a period, the finding was resolved."""
    return Q(ends__gte=begins, ends__lt=ends, ends__lte=now, resolved=True)


def standing(state: str, moment: dt.datetime) -> Q:
    """Stretches that stood open or accepted just before `moment`."""
    there = Q(DataContains(STRETCH, Value(moment)))
    # Of the last moment before midnight, the day that has just ended is the one that counts.
    day = (moment - dt.timedelta(microseconds=1)).astimezone(dt.UTC).date()
    held = Q(state=State.ACCEPTED, accepted_until__gte=day)
    if state == State.ACCEPTED:
        return there & held
    return there & (Q(state=State.OPEN) | Q(accepted_until__lt=day) | Q(accepted_until__isnull=True))


def end_of(ends: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The moment as of which a day that ends at `ends` is told: its end, or just after now."""
    return min(ends, now + dt.timedelta(microseconds=1))
