"""Stopping the clocks of a ticket, and letting them go on."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions import pausing
from incidents.forms.action_forms import PauseForm, in_an_hour
from incidents.models import ResponseTarget
from incidents.rules.pausing import in_hours
from incidents.views.ticket_asking import answer, at_once, filled, question
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.words import moment


@requires("incidents.change_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: SignedIn, number: int) -> HttpResponse:
    """Ask until when and why; a POST stops the clocks."""
    ticket = find(number)
    cap = ResponseTarget.objects.existing(ticket.tier, ticket.severity).pause_cap
    about = question(
        ticket,
        f"Pause {ticket}",
        f"Its clocks stand still, for {in_hours(cap)} at most in one stay in a tier. They go on by themselves.",
        "Pause",
    )
    form = filled(request, ticket, PauseForm, until=in_an_hour(timezone.now()))
    return answer(
        request,
        ticket,
        about,
        form,
        do=lambda given: pausing.pause(
            number, actor=request.user, until=given["until"], reason=given["reason"], seen=given["version"]
        ),
        said=lambda changed: f"{changed} is paused until {moment(form.cleaned_data['until'])}.",
    )


@requires("incidents.change_ticket")
@require_POST
def resume(request: SignedIn, number: int) -> HttpResponse:
    """Let the clocks go on now."""
    return at_once(
        request,
        find(number),
        lambda _: pausing.resume(number, actor=request.user),
        lambda ticket: f"{ticket} goes on.",
    )
