"""Giving a ticket to somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from functools import partial

from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.actions import assignment
from incidents.actions.loads import who_may_work
from incidents.forms.action_forms import AssignForm
from incidents.models import Responder
from incidents.rules import ticket_states
from incidents.views.ticket_asking import answer, filled, question
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.words import moment


@requires("incidents.change_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: SignedIn, number: int) -> HttpResponse:
    """Ask to whom; a POST assigns it."""
    ticket = find(number)
    people = list(offered({ticket.tier_id}, timezone.now()))
    about = question(ticket, f"Assign {ticket}", f"{ticket.title}. Whoever gets it has not accepted it yet.", "Assign")
    has_it = ticket.assignee.username if ticket.assignee else ""
    form = filled(request, ticket, partial(AssignForm, people), assignee=has_it)
    return answer(
        request,
        ticket,
        about,
        form,
        do=lambda given: assignment.assign(number, given["assignee"], actor=request.user, seen=given["version"]),
        said=lambda changed: f"{changed} is assigned to {changed.assignee or 'nobody'}.",
    )


def offered(tiers: Collection[int], now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Everybody who may work on tickets of these tiers: who is in them and who is in none, by username, with what they
    have and whether they are there."""
    unfinished = Q(tickets__status__in=sorted(ticket_states.UNFINISHED))
    found = who_may_work().filter(Q(tier__in=tiers) | Q(tier=None))
    counted = found.annotate(open_tickets=Count("tickets", filter=unfinished)).order_by("username")
    away = {each.pk: each for each in Responder.objects.filter(away_until__gt=now)}
    for person in counted:
        absent = away.get(person.pk)
        until = f", away until {moment(absent.away_until)}" if absent and absent.away_until else ""
        yield person.username, f"{person.username} ({person.open_tickets} open{until})"
