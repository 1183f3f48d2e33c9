"""The list of findings."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from maintenance.forms.finding_filter import FindingFilter
from maintenance.views.finding_list import read_list
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

UNPROCESSABLE = 422


@requires("maintenance.view_finding")
@require_GET
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def findings(request: SignedIn) -> HttpResponse:
    """The list with its filters; only the list itself when htmx asks for it, 422 in words for a wrong filter."""
    filters = FindingFilter(request.GET)
    context: dict[str, Any] = {"filters": filters, "page": None if filters.errors else read_list(filters)}
    if not request.htmx or request.htmx.history_restore_request:
        status = UNPROCESSABLE if filters.errors else 200
        context["selects"] = filters.selects()
        return render(request, "maintenance/findings.html", context, status=status)
    answer = render(request, "maintenance/findings.html#found", context)
    if not filters.errors:
        answer["HX-Push-Url"] = f"{request.path}?{filters.query()}".rstrip("?")
    return answer
