"""The page of one ticket."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from incidents.models import Ticket
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.view_ticket")
@require_GET
def ticket(request: SignedIn, number: int) -> HttpResponse:
    """What it is, and what happened to it."""
    found = get_object_or_404(Ticket.objects.select_related("tier", "assignee"), number=number)
    entries = found.entries.select_related("actor")
    return render(request, "incidents/ticket.html", {"ticket": found, "entries": entries})
