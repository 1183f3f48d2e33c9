"""A frozen report as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from maintenance.actions import weekly_reports
from maintenance.actions.weekly_reports import ReportRefused
from maintenance.models import WeeklyReport
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.problems import problem
from zbmaint.ui.spreadsheets import text_cell

NOT_FOUND: Final = 404
COLUMNS: Final = ("section", "item", "name", "figure", "value", "before", "change", "n")
# The tables of the content, what names a row of them, and what is no figure of it.
TABLES: Final = (("tasks", "task", "title"), ("tiers", "tier", "name"), ("services", "service", "name"))


@requires("maintenance.view_weeklyreport")
@require_GET
def as_json(_request: SignedIn, week: str) -> HttpResponse:
    """What was frozen, when, and its digest; 404 (a JSON problem) for a week that is not frozen."""
    try:
        report = _report(week)
    except ReportRefused as refused:
        return _missing(refused)
    answer = JsonResponse(weekly_reports.as_json(report), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="report-{report.week}.json"'
    return answer


@requires("maintenance.view_weeklyreport")
@require_GET
def as_csv(_request: SignedIn, week: str) -> HttpResponse:
    """Every figure in a line: those of the week, then those of each task, tier and service; 404 as above."""
    try:
        report = _report(week)
    except ReportRefused as refused:
        return _missing(refused)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="report-{report.week}.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    writer.writerows(_lines(weekly_reports.as_json(report)["content"]))
    return answer


def _report(week: str) -> WeeklyReport:
    """Raises ReportRefused for no week, and for one that is not frozen: it says whether that has a page."""
    period = weekly_reports.period_of(week)
    report = WeeklyReport.objects.filter(starts=period.first).first()
    if report is None:
        why = weekly_reports.why_not(period, timezone.now())
        raise ReportRefused(why or f"{week} is not frozen. Its page shows what is known of it.")
    return report


def _missing(refused: ReportRefused) -> HttpResponse:
    return problem(NOT_FOUND, "There is no such report", str(refused))


def _lines(content: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    before, counts = content["before"] or {}, content["n"]
    for key, value in content["figures"].items():
        change = content["changes"].get(key)
        yield "week", "", "", key, *map(_cell, (value, before.get(key), change, counts.get(key)))
    for table, item, name in TABLES:
        for row in content[table]:
            for key, value in row.items():
                if key not in (item, name):
                    yield table, row[item], text_cell(str(row[name])), key, _cell(value), "", "", ""


def _cell(value: object) -> object:
    """Numbers as JSON writes them; what is not known is empty."""
    return "" if value is None else repr(value) if isinstance(value, float) else value
