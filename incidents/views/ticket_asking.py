"""How every action on a ticket is asked for, done, and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from incidents.actions.refusals import Clash, Conflict, TicketRefused
from incidents.forms.action_forms import ActionForm
from incidents.models import Ticket, Tier
from incidents.views.ticket_timeline import as_said
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import label, relative

CONFLICT = 409
UNPROCESSABLE = 422
Deed = Callable[[dict[str, Any]], Ticket]
Words = Callable[[Ticket], str]
Form = TypeVar("Form", bound=ActionForm)


def question(ticket: Ticket, title: str, explains: str, verb: str) -> Question:
    """A question about a ticket; who does not answer it goes back to its page."""
    return Question(title, explains, verb, "Cancel", page=ticket.get_absolute_url(), page_title=str(ticket))


def seen(request: SignedIn, ticket: Ticket) -> dict[str, Any]:
    """What an action's form begins with: the version of the page that it was opened from, and where to go back to."""
    version = _version(request.GET.get("seen", "")) or ticket.version
    return {"version": min(version, ticket.version), "next": request.GET.get("next", "")}


def filled(request: SignedIn, ticket: Ticket, make: Callable[..., Form], **initial: Any) -> Form:
    """The form of an action: with what was sent, or with `initial` and what every such form begins with."""
    return make(request.POST) if request.method == "POST" else make(initial={**initial, **seen(request, ticket)})


def answer(
    request: SignedIn, ticket: Ticket, about: Question, form: ActionForm, *, do: Deed, said: Words
) -> HttpResponse:
    """Ask, or do what was asked. What is refused is said at its field (422) or over the form (409), which is kept.

    When somebody else has changed the ticket since it was seen, what they changed is said, and sending again does it.
    """
    if request.method != "POST":
        return ask(request, about, form)
    if not form.is_valid():
        return ask(request, about, form, status=UNPROCESSABLE)
    try:
        changed = do(form.cleaned_data)
    except TicketRefused as refused:
        if refused.field not in form.fields:
            return ask(request, about, form, refused=refused, status=CONFLICT)
        form.add_error(refused.field, str(refused))
        return ask(request, about, form, status=UNPROCESSABLE)
    except Conflict as conflict:
        form.see(conflict.version)
        anyway = replace(about, verb=f"{about.verb} anyway")
        changes = [in_words(clash) for clash in conflict.clashes]
        return ask(request, anyway, form, refused=conflict, changes=changes, status=CONFLICT)
    messages.success(request, said(changed))
    return back(request, ticket)


def at_once(request: SignedIn, ticket: Ticket, do: Callable[[int | None], Ticket], said: Words) -> HttpResponse:
    """Do what one click does; who comes too late is told why."""
    try:
        changed = do(_version(request.POST.get("version", "")))
    except TicketRefused as refused:
        messages.warning(request, f"{ticket}: {refused}")
    except Conflict as conflict:
        changes = "; ".join(map(in_words, conflict.clashes))
        messages.warning(request, f"{ticket}: nothing was changed. {changes}.")
    else:
        messages.success(request, said(changed))
    return back(request, ticket)


def in_words(clash: Clash) -> str:
    """What somebody else has changed: the field, from, to, who and when."""
    when = relative(clash.at, timezone.now())
    before, now = (as_said(clash.field, value) for value in (clash.before, clash.now))
    return f"{label(clash.field)}: was {before}, is {now} now, by {clash.by} {when}"


def back(request: SignedIn, ticket: Ticket) -> HttpResponseRedirect:
    """To where they came from, if that is a page of ours; else to the ticket."""
    return redirect(ours(request.POST.get("next", "")) or ticket.get_absolute_url())


def ours(path: str) -> str:
    """`path` if it is one of a page of ours; else nothing."""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, None) else ""


def with_next(said: str, ticket: Ticket, tier: Tier) -> str:
    """What was done, with a way to the next ticket in the queue of `tier`, where the person works."""
    waiting = Ticket.objects.unfinished().filter(tier=tier).exclude(pk=ticket.pk)
    following = waiting.in_queue_order().first()
    if following is None:
        return f"{said} Nothing else waits in {str(tier).lower()}."
    title = following.title if len(following.title) < 60 else f"{following.title[:57]}…"
    return format_html('{} <a href="{}">Next: {} {}</a>', said, following.get_absolute_url(), following, title)


def _version(text: str) -> int | None:
    """A version as a page sends it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
