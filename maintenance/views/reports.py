"""The list of weekly reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance.actions import weekly_reports
from maintenance.kpis.week import first_day
from maintenance.rules import weeks
from maintenance.views.report_rows import PAGE_SIZE, rows
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.rollup import days

UNPROCESSABLE = 422
# The headlines of the reports in a word each.
HEADS = ("Completed", "Average", "Success rate", "Uptime")


@requires("maintenance.view_weeklyreport")
@require_GET
def reports(request: SignedIn) -> HttpResponse:
    """A year of them, newest first, or those before the day `before`; 422 in words for what is no day."""
    today = days.day_of(timezone.now())
    context: dict[str, Any] = {"heads": HEADS, "this_week": ""}
    try:
        before = _day(request.GET.getlist("before"))
    except ValueError:
        context["problem"] = "Reports are listed before a day such as 2026-03-30. Choose one of the links."
        return render(request, "maintenance/reports.html", context, status=UNPROCESSABLE)
    found = rows(before, PAGE_SIZE + 1)
    context |= {
        "before": before,
        "rows": found[:PAGE_SIZE],
        "older": found[PAGE_SIZE - 1].first if len(found) > PAGE_SIZE else None,
    }
    if before is None:
        owed, left = weekly_reports.owed(timezone.now())
        context |= {"owed": [weeks.name_of(period.first) for period in owed], "left": left}
        context["this_week"] = weeks.name_of(today) if found or owed or first_day() else ""
    return render(request, "maintenance/reports.html", context)


def _day(given: Sequence[str]) -> dt.date | None:
    """The day, None without one. Raises ValueError for anything but one day, such as 2026-03-30."""
    if not given or given == [""]:
        return None
    (text,) = given
    day = dt.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day
