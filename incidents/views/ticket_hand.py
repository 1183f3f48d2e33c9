"""Handing a ticket up, back down, and out to a vendor."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from incidents.actions import handing
from incidents.forms.action_forms import HandForm, VendorForm
from incidents.models import ResponseTarget, Ticket, Tier
from incidents.rules import pausing, tiers
from incidents.views.ticket_asking import answer, filled, question, with_next
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

METHODS = ["GET", "HEAD", "POST"]


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def escalate(request: SignedIn, number: int) -> HttpResponse:
    """Ask by which criterion and why; a POST hands it to the next tier."""
    ticket = find(number)
    tier, to = ticket.tier, Tier.objects.existing(min(ticket.tier_id + 1, tiers.LAST))
    about = question(ticket, f"Escalate {ticket} to {str(to).lower()}", _promise(ticket, to), "Escalate")
    form = filled(request, ticket, partial(HandForm, tier.criteria))
    return answer(
        request,
        ticket,
        about,
        form,
        do=lambda given: handing.escalate(number, actor=request.user, **_given(given)),
        said=lambda changed: with_next(_said(changed, "escalated"), changed, tier),
    )


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def hand_back(request: SignedIn, number: int) -> HttpResponse:
    """Ask for which of its responsibilities and why; a POST hands it to the tier before."""
    ticket = find(number)
    tier, to = ticket.tier, Tier.objects.existing(max(ticket.tier_id - 1, tiers.FIRST))
    about = question(ticket, f"Hand {ticket} back to {str(to).lower()}", _promise(ticket, to), "Hand back")
    form = filled(request, ticket, partial(HandForm, to.responsibilities))
    return answer(
        request,
        ticket,
        about,
        form,
        do=lambda given: handing.hand_back(number, actor=request.user, **_given(given)),
        said=lambda changed: with_next(_said(changed, "handed back"), changed, tier),
    )


@requires("incidents.change_ticket")
@require_http_methods(METHODS)
def vendor(request: SignedIn, number: int) -> HttpResponse:
    """Ask who outside gets it; a POST tells lead and manager, and leaves the ticket in the last tier."""
    ticket = find(number)
    about = question(
        ticket,
        f"Escalate {ticket} to a vendor",
        f"It stays in {str(ticket.tier).lower()}; lead and manager are told. Its clocks run on unless you pause it.",
        "Escalate",
    )
    form = filled(request, ticket, partial(VendorForm, ticket.tier.criteria))
    return answer(
        request,
        ticket,
        about,
        form,
        do=lambda given: handing.to_vendor(
            number,
            handing.Vendor(given["vendor"], given["contact"], given["reference"]),
            actor=request.user,
            pause_until=given["until"],
            **_given(given),
        ),
        said=lambda changed: f"{changed} is with a vendor. Lead and manager are told.",
    )


def _given(given: dict[str, Any]) -> dict[str, Any]:
    return {"criterion": given["criterion"], "reason": given["reason"], "seen": given["version"]}


def _promise(ticket: Ticket, to: Tier) -> str:
    target = ResponseTarget.objects.existing(to, ticket.severity)
    severity = ticket.get_severity_display().lower()
    within = pausing.in_hours(target.response)
    return f"{to.name} gets {within} to respond to a {severity} ticket. Its clock starts now."


def _said(ticket: Ticket, did: str) -> str:
    has_it = f"assigned to {ticket.assignee}" if ticket.assignee else "nobody has it yet"
    return f"{ticket} is {did} to {str(ticket.tier).lower()}, {has_it}."
