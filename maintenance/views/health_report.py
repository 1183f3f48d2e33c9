"""One health report, as a page and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from maintenance import notices
from maintenance.models import HealthReport
from maintenance.rules.health import PARTS
from maintenance.rules.probe_states import UP
from maintenance.views.health_page import TONES
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui import words
from zbmaint.ui.problems import problem

NOT_FOUND: Final = 404


@dataclass(frozen=True)
class PartRow:
    """A part of the report: its title, status, words, and facts as pairs of label and value."""

    title: str
    status: str
    says: str
    critical: bool
    facts: list[tuple[str, str]]


def part_rows(content: Mapping[str, Any]) -> list[PartRow]:
    """The parts that the report has, in their order; what an older version did not report is left out."""
    rows = []
    for key, title in PARTS.items():
        part = content.get(key)
        if isinstance(part, Mapping):
            facts = [(str(fact.get("label", "")), said(fact)) for fact in part.get("facts", [])]
            status, says = str(part.get("status", "")), str(part.get("says", ""))
            rows.append(PartRow(title, status, says, bool(part.get("critical")), facts))
    return rows


def said(fact: Mapping[str, Any]) -> str:
    """The value of a fact with its unit, for people."""
    value, unit = fact.get("value"), fact.get("unit", "")
    if not isinstance(value, int | float):
        return "–" if value is None else str(value)
    match unit:
        case "bytes":
            return words.size(value)
        case "seconds":
            return words.duration(value)
        case _:
            return f"{words.thousands(value)} {unit}".strip()


@requires("maintenance.view_probe")
@require_GET
def health_report(request: SignedIn, report_id: int) -> HttpResponse:
    """The page, with the reports before and after it."""
    report = get_object_or_404(HealthReport.objects.select_related("asked_by", "run"), pk=report_id)
    around = HealthReport.objects.exclude(pk=report.pk).defer("content", "changes")
    context = {
        "report": report,
        "rows": part_rows(report.content),
        "says": report.content.get("says", ""),
        "tone": TONES.get(report.overall, "info"),
        "symbol": "check" if report.overall == UP else "alert",
        "before": around.filter(at__lte=report.at).first(),
        "after": around.filter(at__gt=report.at).order_by("at", "id").first(),
    }
    return render(request, "maintenance/health_report.html", context)


@requires("maintenance.view_probe")
@require_GET
def as_json(_request: SignedIn, report_id: int) -> HttpResponse:
    """The same as the monitoring webhook gets it; 404 (a JSON problem) for one that is not there."""
    report = HealthReport.objects.filter(pk=report_id).first()
    if report is None:
        says = f"There is no health report {report_id}: there never was, or it is kept no longer."
        return problem(NOT_FOUND, "There is no such report", says)
    return JsonResponse(notices.as_json(report), json_dumps_params={"indent": 2, "ensure_ascii": False})
