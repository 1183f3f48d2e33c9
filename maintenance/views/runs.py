"""The list of runs."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from maintenance.forms.run_filter import RunFilter
from maintenance.views.run_list import read_page
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NO_CONTENT = 204


@requires("maintenance.view_run")
@require_GET
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def runs(request: SignedIn) -> HttpResponse:
    """The list with its filters; only the list itself when htmx asks for it, 204 when it is as the browser has it."""
    filters = RunFilter(request.GET)
    page = read_page(filters, request.GET)
    context = {"filters": filters, "page": page}
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "maintenance/runs.html", {**context, "selects": filters.selects()})
    if request.GET.get("seen") == page.mark:
        return HttpResponse(status=NO_CONTENT)
    answer = render(request, "maintenance/runs.html#list", context)
    if request.htmx.trigger == "filters":
        answer["HX-Push-Url"] = f"{request.path}?{filters.query()}".rstrip("?")
    return answer
