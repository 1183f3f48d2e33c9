"""Opening a ticket by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from incidents.actions.opening import open_ticket
from incidents.actions.refusals import TicketRefused
from incidents.forms.ticket_new import NewTicketForm, blank
from incidents.models import Category, Ticket
from incidents.views.ticket_similar import find, promise
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

UNPROCESSABLE = 422


@requires("incidents.add_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Ask what is wrong; a POST opens the ticket and leads to its page."""
    if request.method != "POST":
        return _page(request, blank(request.user))
    form = NewTicketForm(request.POST)
    if form.is_valid():
        try:
            ticket = open_ticket(form.draft(), actor=request.user)
        except TicketRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _said(ticket))
            return redirect(ticket)
    return _page(request, form, UNPROCESSABLE)


def _page(request: SignedIn, form: NewTicketForm, status: int = 200) -> HttpResponse:
    category = Category.objects.filter(key=form["category"].value() or "").first()
    hint = promise(str(form["severity"].value()), str(form["tier"].value() or ""), category)
    similar = find(str(form["title"].value() or "")[:300], category) if form.is_bound else []
    return render(request, "incidents/ticket_new.html", {"form": form, "hint": hint, "similar": similar}, status=status)


def _said(ticket: Ticket) -> str:
    tier = str(ticket.tier).lower()
    has_it = f"assigned to {ticket.assignee}" if ticket.assignee else "nobody has it yet"
    return f"{ticket} is open in {tier}, {has_it}."
