"""The schedule page, and the parts of it that follow what happens."""

from __future__ import annotations

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_GET

from maintenance.actions.runs import RunRefused
from maintenance.views.schedule_page import read_categories, read_parts
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NO_CONTENT = 204


@requires("maintenance.view_schedule")
@require_GET
def schedule(request: SignedIn) -> HttpResponse:
    """The whole page."""
    return show(request)


@requires("maintenance.view_schedule")
@require_GET
def live(request: SignedIn) -> HttpResponse:
    """The parts that differ from those that the browser has (`seen`, one for each part); 204 when none does."""
    changed = read_parts(request.user, get_token(request)).unseen(request.GET.getlist("seen"))
    if not changed:
        return HttpResponse(status=NO_CONTENT)
    return render(request, "maintenance/schedule.html#live", {"changed": changed})


def show(request: SignedIn, *, refused: RunRefused | None = None, status: int = 200) -> HttpResponse:
    """The page; with a banner when a run was `refused`."""
    context = {
        "parts": read_parts(request.user, get_token(request)),
        "categories": read_categories(),
        "refused": refused,
    }
    return render(request, "maintenance/schedule.html", context, status=status)
