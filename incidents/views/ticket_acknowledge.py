"""Acknowledging from a message: the link shows a page and changes nothing, its button does. Without signing in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents.actions.acknowledging import Invitation, Used, acknowledge, check, invitation
from incidents.actions.refusals import TicketRefused
from zbmaint.access.decorators import public
from zbmaint.notifications import links

NOT_FOUND, CONFLICT, GONE = 404, 409, 410
FORGED = "This link is not whole. Copy all of it from the message, or sign in."
EXPIRED = "This link can be used no longer. Sign in to see how the ticket stands."


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks (mail programs open links by themselves), POST does it: 404 for no link of ours, 410 for a used one."""
    try:
        invited = invitation(links.read(token))
    except links.Forged:
        return _page(request, NOT_FOUND, refused=FORGED)
    except links.Expired:
        invited = None
    return _page(request, GONE, refused=EXPIRED) if invited is None else _answer(request, invited)


def _answer(request: HttpRequest, invited: Invitation) -> HttpResponse:
    shown = {"ticket": invited.ticket, "person": invited.person}
    try:
        if request.method == "POST":
            return _page(request, 200, **shown | {"ticket": acknowledge(invited)}, done=True)
        check(invited)
    except Used as used:
        return _page(request, GONE, refused=str(used), **shown)
    except TicketRefused as refused:
        return _page(request, CONFLICT, refused=str(refused), **shown)
    return _page(request, 200, **shown)


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    return render(request, "incidents/acknowledge.html", context, status=status)
