"""Reads the rolled days of findings. Every function is one query; days are inclusive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from maintenance.models import FindingDay


@dataclass(frozen=True)
class Findings:
    """Findings over `days` rolled days. What stands open or accepted is as the last of these days ended; None without
    any. `open_age_median` is in seconds."""

    days: int = 0
    found: int = 0
    resolved: int = 0
    open: int | None = None
    accepted: int | None = None
    open_age_median: int | None = None


def total(first: dt.date, last: dt.date, *, severity: str = "") -> Findings:
    """All of the period, or of one severity."""
    rows = list(by_day(first, last, severity=severity).values())
    if not rows:
        return Findings()
    end = rows[-1]
    found, resolved = sum(row.found for row in rows), sum(row.resolved for row in rows)
    return Findings(len(rows), found, resolved, end.open, end.accepted, end.open_age_median)


def by_day(first: dt.date, last: dt.date, *, severity: str = "") -> dict[dt.date, Findings]:
    """Each day that is rolled, in order."""
    rows = FindingDay.objects.filter(day__gte=first, day__lte=last, severity=severity).order_by("day")
    return {row.day: Findings(1, row.found, row.resolved, row.open, row.accepted, row.open_age_median) for row in rows}
