"""Linking a ticket to what it has to do with."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from incidents.actions import linking
from incidents.forms.action_forms import LinkForm
from incidents.views.ticket_asking import answer, filled, question
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.change_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: SignedIn, number: int) -> HttpResponse:
    """Ask to what; a POST links it."""
    ticket = find(number)
    explains = "Another ticket shows this one as well. Runs and findings are linked by themselves."
    return answer(
        request,
        ticket,
        question(ticket, f"Link {ticket}", explains, "Link"),
        filled(request, ticket, LinkForm),
        do=lambda given: linking.link(number, given["target"], actor=request.user, label=given["label"]),
        said=lambda changed: f"{changed} is linked.",
    )
