"""Saying something about a ticket."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents.actions import comments
from incidents.actions.refusals import TicketRefused
from incidents.forms.comment_form import CommentForm
from incidents.views.ticket import show
from incidents.views.ticket_page import TicketPage, find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

CONFLICT = 409
UNPROCESSABLE = 422


@requires("incidents.change_ticket")
@require_POST
def comment(request: SignedIn, number: int) -> HttpResponse:
    """Add it. What is refused is kept in the box: 422 at the field, 409 when the ticket takes none any more."""
    ticket = find(number)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            comments.comment(ticket.number, form.cleaned_data["text"], actor=request.user)
        except TicketRefused as refused:
            if refused.field is None:
                return _again(request, number, form, CONFLICT, refused)
            form.add_error("text", str(refused))
        else:
            return _added(request, number)
    return _again(request, number, form, UNPROCESSABLE)


def _added(request: SignedIn, number: int) -> HttpResponse:
    """With htmx an empty form, and the page asks for what is new; else the page."""
    if not request.htmx:
        messages.success(request, "The comment is added.")
        return redirect("ticket", number)
    page = TicketPage(find(number), request.user)
    context = {"page": page, "ticket": page.ticket, "form": CommentForm()}
    answer = render(request, "incidents/ticket/comment.html", context)
    answer["HX-Trigger"] = "activity"
    return answer


def _again(
    request: SignedIn, number: int, form: CommentForm, status: int, refused: TicketRefused | None = None
) -> HttpResponse:
    if not request.htmx:
        return show(request, number, form, status, refused)
    page = TicketPage(find(number), request.user)
    context = {"page": page, "ticket": page.ticket, "form": form, "refused": refused}
    return render(request, "incidents/ticket/comment.html", context, status=status)
