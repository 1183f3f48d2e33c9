"""Changing what a ticket says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from incidents.actions import editing
from incidents.actions.changing import as_fact
from incidents.actions.refusals import Clash, Conflict, TicketRefused
from incidents.forms.ticket_edit import EditTicketForm, of
from incidents.models import Ticket
from incidents.rules import ticket_states
from incidents.views.ticket_asking import back
from incidents.views.ticket_page import find
from incidents.views.ticket_timeline import shown
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.words import label

CONFLICT = 409
UNPROCESSABLE = 422


@dataclass(frozen=True)
class ClashRow:
    """A field that two people have changed: what this person wants it to say, and what it says now."""

    clash: Clash
    yours: str

    @property
    def field(self) -> str:
        """Its name for people."""
        return label(self.clash.field)

    @property
    def now(self) -> str:
        """What it says now."""
        return shown(self.clash.now)


@requires("incidents.change_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, number: int) -> HttpResponse:
    """Ask what it shall say; a POST writes it, unless somebody else has changed the same meanwhile (409, both said)."""
    ticket = find(number)
    if request.method != "POST":
        why_not = ticket_states.why_not_edit(ticket.status)
        return _page(request, ticket, of(ticket, request.GET.get("next", "")), refused=why_not)
    form = EditTicketForm(ticket, request.POST)
    if not form.is_valid():
        return _page(request, ticket, form, UNPROCESSABLE)
    try:
        changed = editing.edit(number, form.values(), actor=request.user, seen=form.cleaned_data["version"])
    except TicketRefused as refused:
        return _refused(request, ticket, form, refused)
    except Conflict as conflict:
        return _conflict(request, form, find(number), conflict)
    messages.success(request, f"{changed} is saved." if changed.version != ticket.version else "Nothing was changed.")
    return back(request, ticket)


def _refused(request: SignedIn, ticket: Ticket, form: EditTicketForm, refused: TicketRefused) -> HttpResponse:
    if refused.field not in form.fields:
        return _page(request, ticket, form, CONFLICT, refused=str(refused))
    form.add_error(refused.field, str(refused))
    return _page(request, ticket, form, UNPROCESSABLE)


def _conflict(request: SignedIn, form: EditTicketForm, ticket: Ticket, conflict: Conflict) -> HttpResponse:
    """Both values of each field, the person's own text in the form, and the version moved on: saving again is
    knowingly. What only others have changed is taken over."""
    values = form.values()
    rows = [ClashRow(clash, shown(as_fact(values[clash.field]))) for clash in conflict.clashes]
    form.take(ticket, editing.left_alone(ticket, values, form.cleaned_data["version"]))
    form.see(ticket.version)
    return _page(request, ticket, form, CONFLICT, clashes=rows)


def _page(
    request: SignedIn,
    ticket: Ticket,
    form: EditTicketForm,
    status: int = 200,
    *,
    refused: str | None = None,
    clashes: Sequence[ClashRow] = (),
) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "refused": refused, "clashes": clashes}
    return render(request, "incidents/ticket_edit.html", context, status=status)
