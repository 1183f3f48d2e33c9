"""The page of a run, and the part of it that follows the run while it works."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from maintenance.forms.run_filter import number
from maintenance.views.run_log import BATCH, STOP_POLLING
from maintenance.views.run_page import RunPage, read_run, usual_seconds
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NO_CONTENT = 204
ALL_LINES = 20_000  # what "show all" shows at most; the download has every line


@requires("maintenance.view_run")
@require_GET
def run(request: SignedIn, run_id: int) -> HttpResponse:
    """The whole page: everything there is to see without JavaScript, too."""
    row = read_run(run_id)
    page = RunPage(row, request.user, usual=usual_seconds(row) if row.is_active else 0)
    limit = ALL_LINES if request.GET.get("log") == "all" else BATCH
    # Newest first for the limit, then turned round: the page shows the end of a long log.
    newest = list(page.run.log_lines.order_by("-number")[:limit])
    context = {"page": page, "run": page.run, "lines": newest[::-1], "parts": page.parts()}
    return render(request, "maintenance/run.html", context)


@requires("maintenance.view_run")
@require_GET
def progress(request: SignedIn, run_id: int) -> HttpResponse:
    """The parts of the page that differ from what the browser has seen; 286 ends the asking when the run has ended."""
    return live_answer(request, run_id)


def live_answer(request: SignedIn, run_id: int, *, refused: str = "", status: int = 200) -> HttpResponse:
    """Answer with the changed parts of the page of a run; with a toast when something was `refused`."""
    row = read_run(run_id)
    usual = number(request.GET["usual"]) if "usual" in request.GET else usual_seconds(row)
    page = RunPage(row, request.user, usual=usual)
    parts = page.parts()
    changed = parts.changed_since(request.GET.get("seen", ""))
    if not changed and page.run.is_active and not refused:
        return HttpResponse(status=NO_CONTENT)
    if not page.run.is_active and status == 200:
        status = STOP_POLLING
    context = {"page": page, "run": page.run, "parts": parts, "changed": changed, "refused": refused}
    return render(request, "maintenance/run.html#live", context, status=status)
