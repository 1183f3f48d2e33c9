"""The health page, its parts that follow what happens, and the button that asks for a report."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from maintenance.actions import health_reports
from maintenance.actions.runs import RunRefused
from maintenance.tasks.health_report import health_report
from maintenance.views.health_page import read_parts
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NO_CONTENT = 204


@requires("maintenance.view_probe")
@require_GET
def health(request: SignedIn) -> HttpResponse:
    """The whole page."""
    return show(request)


@requires("maintenance.view_probe")
@require_GET
def live(request: SignedIn) -> HttpResponse:
    """The parts that differ from those that the browser has (`seen`, one for each part); 204 when none does."""
    changed = read_parts(request.user).unseen(request.GET.getlist("seen"))
    if not changed:
        return HttpResponse(status=NO_CONTENT)
    return render(request, "maintenance/health.html#live", {"changed": changed})


@requires("maintenance.add_healthreport")
@require_POST
def ask(request: SignedIn) -> HttpResponse:
    """Go to the run that makes a report; to the one that does so already, if there is one; 409 when it is refused."""
    try:
        run, is_new = health_reports.ask(health_report, actor=request.user)
    except RunRefused as refused:
        return show(request, refused=refused, status=409)
    if not is_new:
        messages.info(request, f"{run} does this already, so no second one was started.")
    return redirect(run)


def show(request: SignedIn, *, refused: RunRefused | None = None, status: int = 200) -> HttpResponse:
    """The page; with a banner when a report was `refused`."""
    context = {"parts": read_parts(request.user), "refused": refused}
    return render(request, "maintenance/health.html", context, status=status)
