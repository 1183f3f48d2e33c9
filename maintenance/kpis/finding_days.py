"""Rolls findings up into FindingDay: found and resolved on a day, and how they stood when it ended."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from maintenance.kpis import finding_figures
from maintenance.models import FindingDay, FindingStretch, Severity
from zbmaint.rollup import days

_SEVERITIES: Final = ("", *Severity.values)
State = FindingStretch.State


def roll(day: dt.date, now: dt.datetime) -> None:
    """Write the rows of one day anew: all, and every severity."""
    begins, ends = days.bounds(day)
    end = finding_figures.end_of(ends, now)
    found = _by_severity(finding_figures.found(begins, ends, now))
    resolved = _by_severity(finding_figures.resolved(begins, ends, now))
    accepted = _by_severity(finding_figures.standing(State.ACCEPTED, end))
    ages = _by_severity(finding_figures.standing(State.OPEN, end), end)
    FindingDay.objects.filter(day=day).delete()
    FindingDay.objects.bulk_create(
        FindingDay(
            day=day,
            severity=severity,
            found=len(found[severity]),
            resolved=len(resolved[severity]),
            open=len(ages[severity]),
            accepted=len(accepted[severity]),
            open_age_median=int(statistics.median(ages[severity])) if ages[severity] else None,
        )
        for severity in _SEVERITIES
    )


def first() -> dt.date | None:
    """The first day whose findings are all still there, and that is not to be deleted itself."""
    began = FindingStretch.objects.order_by("begins").values_list("begins", flat=True).first()
    if began is None:
        return None
    return max(days.day_of(began), days.whole_since(kept(), timezone.now()))


def kept() -> int:
    """For how many days findings are kept, and their days."""
    return min(settings.FINDING_RETENTION_DAYS, settings.ROLLUP_RETENTION_DAYS)


def _by_severity(wanted: Q, end: dt.datetime | None = None) -> dict[str, list[float]]:
    """The age at `end` in seconds of each of these lives, by severity, and of all as ""."""
    found: dict[str, list[float]] = defaultdict(list)
    for severity, since in FindingStretch.objects.filter(wanted).order_by().values_list("severity", "since"):
        age = (end - since).total_seconds() if end else 0.0
        found[severity].append(age)
        found[""].append(age)
    return found
