"""The alerts of a ticket, on pages of their own when its page has no room for them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incidents.views.ticket_alert_page import TicketAlerts
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

MOST_DIGITS = 6


@requires("incidents.view_ticket")
@require_GET
def alerts(request: SignedIn, number: int) -> HttpResponse:
    """A page of its alerts."""
    given = request.GET.get("page", "1")
    page = int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else 0
    found = TicketAlerts(find(number), max(page, 1))
    if page < 1 or (page > 1 and not found.rows):
        raise Http404(f"{found.ticket} has no such page of alerts.")
    return render(request, "incidents/ticket_alerts.html", {"ticket": found.ticket, "alerts": found})
