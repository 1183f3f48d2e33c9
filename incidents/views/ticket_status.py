"""Ending a ticket, putting it away, and taking it up again."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from incidents.actions import statuses
from incidents.forms.action_forms import ActionForm, ReasonForm, ResolveForm
from incidents.views.ticket_asking import answer, filled, question, with_next
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

METHODS = ["GET", "HEAD", "POST"]


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def resolve(request: SignedIn, number: int) -> HttpResponse:
    """Ask how it ended and what helped; a POST resolves it."""
    ticket = find(number)
    explains = f"{ticket.title}. It is closed by itself after {settings.TICKET_CLOSE_DAYS} days."
    return answer(
        request,
        ticket,
        question(ticket, f"Resolve {ticket}", explains, "Resolve"),
        filled(request, ticket, ResolveForm),
        do=lambda given: statuses.resolve(
            number, actor=request.user, code=given["code"], note=given["note"], seen=given["version"]
        ),
        said=lambda changed: with_next(f"{changed} is resolved.", changed, ticket.tier),
    )


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def close(request: SignedIn, number: int) -> HttpResponse:
    """Ask once more; a POST puts it away."""
    ticket = find(number)
    explains = f"{ticket.title}. It takes no comments any more, and can be reopened."
    return answer(
        request,
        ticket,
        question(ticket, f"Close {ticket}", explains, "Close the ticket"),
        filled(request, ticket, ActionForm),
        do=lambda given: statuses.close(number, actor=request.user, seen=given["version"]),
        said=lambda changed: f"{changed} is closed.",
    )


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def reopen(request: SignedIn, number: int) -> HttpResponse:
    """Ask why; a POST takes it up again."""
    ticket = find(number)
    explains = f"{ticket.title}. Its clock starts at its full target, and what it took before still counts."
    return answer(
        request,
        ticket,
        question(ticket, f"Reopen {ticket}", explains, "Reopen"),
        filled(request, ticket, ReasonForm),
        do=lambda given: statuses.reopen(number, actor=request.user, reason=given["reason"], seen=given["version"]),
        said=lambda changed: f"{changed} is open again in {str(changed.tier).lower()}.",
    )
