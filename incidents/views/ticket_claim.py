"""Taking a ticket: acknowledging one's own, claiming one that waits, beginning to work."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from incidents.actions import assignment
from incidents.views.ticket_asking import at_once
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.change_ticket")
@require_POST
def claim(request: SignedIn, number: int) -> HttpResponse:
    """Take it; who comes second is told who has it."""
    return at_once(
        request,
        find(number),
        lambda version: assignment.claim(number, actor=request.user, seen=version),
        lambda ticket: f"{ticket} is yours, and in progress.",
    )
