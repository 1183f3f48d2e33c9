"""The overview: what has to be looked at now, in one screen."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from zbmaint.access.decorators import requires, signed_in
from zbmaint.access.requests import SignedIn
from zbmaint.dashboard.overview.figures import read_figures
from zbmaint.dashboard.overview.platform import read_parts
from zbmaint.dashboard.overview.tickets import read_tickets
from zbmaint.dashboard.overview.work import read_running, read_work

NO_CONTENT: Final = 204
TEMPLATE: Final = "dashboard/overview.html"


@signed_in
@require_safe
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def overview(request: SignedIn) -> HttpResponse:
    """The page; or its moving part when htmx asks for it, 204 when it is as the browser has it."""
    context = _read(request)
    moving = render_to_string(f"{TEMPLATE}#moving", context, request)
    seen = hashlib.blake2b(moving.encode(), digest_size=6).hexdigest()
    if not request.htmx or request.htmx.history_restore_request:
        under_way = read_running() if request.user.has_perm("maintenance.view_run") else []
        return render(request, TEMPLATE, {**context, "running": under_way, "moving": moving, "seen": seen})
    if request.GET.get("seen") == seen:
        return HttpResponse(status=NO_CONTENT)
    return render(request, f"{TEMPLATE}#polled", {"moving": moving, "seen": seen})


@requires("maintenance.view_run")
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """What is under way, for the page that asks every few seconds."""
    return render(request, f"{TEMPLATE}#running", {"running": read_running()})


def _read(request: SignedIn) -> dict[str, Any]:
    """What the person may see; 4 queries of tickets, 3 of maintenance, one of probes, one of roll-ups."""
    now, may = timezone.now(), request.user.has_perm
    return {
        "today": now,
        "tickets": read_tickets(request.user, now) if may("incidents.view_ticket") else None,
        "work": read_work(now) if may("maintenance.view_run") else None,
        "parts": read_parts(now) if may("maintenance.view_probe") else None,
        "figures": read_figures(now) if may("maintenance.view_runday") else None,
    }
