"""Following a ticket, and no longer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from incidents.actions import comments
from incidents.views.ticket_asking import back
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.view_ticket")
@require_POST
def watch(request: SignedIn, number: int) -> HttpResponse:
    """Follow it."""
    ticket = find(number)
    comments.watch(ticket, request.user)
    messages.success(request, f"You watch {ticket}.")
    return back(request, ticket)


@requires("incidents.view_ticket")
@require_POST
def unwatch(request: SignedIn, number: int) -> HttpResponse:
    """Follow it no longer."""
    ticket = find(number)
    comments.unwatch(ticket, request.user)
    messages.success(request, f"You watch {ticket} no longer.")
    return back(request, ticket)
