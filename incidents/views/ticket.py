"""The page of one ticket, and the parts of it that are read again while it is looked at."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incidents.forms.comment_form import CommentForm
from incidents.views import ticket_timeline
from incidents.views.ticket_page import TicketPage, find
from incidents.views.ticket_timeline import SHOWN
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NO_CONTENT = 204
UNPROCESSABLE = 422
MOST_DIGITS = 18  # of an id


@requires("incidents.view_ticket")
@require_GET
def ticket(request: SignedIn, number: int) -> HttpResponse:
    """What it is, what happened to it, and what to do next. 422 in words for a part of it that does not exist."""
    return show(request, number, CommentForm())


def show(
    request: SignedIn, number: int, form: CommentForm, status: int = 200, refused: Exception | None = None
) -> HttpResponse:
    """The page with `form` as the one for comments, and why a comment was `refused`."""
    found = find(number)
    chosen, before = request.GET.get("activity", "all"), request.GET.get("before", "")
    problem = "" if chosen in SHOWN else f"There is no activity “{chosen}”: it is all, comments or changes."
    timeline = None
    if not problem:
        timeline = ticket_timeline.read(found, chosen, request.user, _id(before) if before else None)
        problem = "" if timeline else f"There is no entry “{before}” in this ticket before which others stand."
    context = _context(TicketPage(found, request.user)) | {
        "timeline": timeline,
        "problem": problem,
        "form": form,
        "refused": refused,
    }
    return render(request, "incidents/ticket.html", context, status=UNPROCESSABLE if problem else status)


@requires("incidents.view_ticket")
@require_GET
def clocks(request: SignedIn, number: int) -> HttpResponse:
    """Its clocks and what comes next, as they are now."""
    return render(request, "incidents/ticket.html#clocks", _context(TicketPage(find(number), request.user)))


@requires("incidents.view_ticket")
@require_GET
def activity(request: SignedIn, number: int) -> HttpResponse:
    """The entries after `after`; with all that stands over them when the ticket has changed since version `seen`.

    204 when nothing is new.
    """
    found = find(number)
    chosen = request.GET.get("activity", "all")
    after, seen = _id(request.GET.get("after", "")), _id(request.GET.get("seen", ""))
    timeline = ticket_timeline.read_after(found, chosen if chosen in SHOWN else "all", request.user, after)
    if not timeline.rows and seen == found.version:
        return HttpResponse(status=NO_CONTENT)
    context = _context(TicketPage(found, request.user)) | {"timeline": timeline, "oob": True}
    return render(request, "incidents/ticket.html#news", context)


def _context(page: TicketPage) -> dict[str, Any]:
    return {"page": page, "ticket": page.ticket, "shown": SHOWN, "here": page.ticket.get_absolute_url()}


def _id(given: str) -> int:
    """An id of a query; 0, which is nobody's, for what is none."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else 0
