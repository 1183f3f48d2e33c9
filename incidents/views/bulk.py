"""The same done to many tickets of a list, each by itself, and the report of those to which it could not be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from incidents.actions.bulk import Outcome, each
from incidents.forms.bulk_forms import read_chosen
from incidents.models import Ticket
from incidents.views.bulk_deeds import DEEDS, Deed
from incidents.views.ticket_asking import ours
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask

CONFLICT, UNPROCESSABLE = 409, 422
NAMED = 8  # tickets that a question names


@requires("incidents.change_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: SignedIn, deed: str) -> HttpResponse:
    """Ask what a deed needs to know; a POST does it to every ticket that it names, and says what was not done."""
    if deed not in DEEDS:
        raise Http404(deed)
    kind, given = DEEDS[deed], request.POST if request.method == "POST" else request.GET
    goes_back = ours(given.get("next", "")) or resolve_url("queue")
    chosen = given.getlist("ticket")
    tickets = list(Ticket.objects.filter(number__in=_numbers(chosen)).select_related("tier").order_by("number"))
    initial = {"ticket": chosen, "next": goes_back}
    form = kind.form(tickets, given) if request.method == "POST" else kind.form(tickets, initial=initial)
    about = _question(kind, chosen, tickets, goes_back)
    if request.method != "POST":
        return ask(request, about, form)
    if not form.is_valid():
        if form.why_not:
            messages.warning(request, form.why_not)
            return redirect(goes_back)
        return ask(request, about, form, status=UNPROCESSABLE)
    named = {one.number: one for one in form.cleaned_data["ticket"]}
    outcome = each(named, lambda number: kind.do(named[number], form.cleaned_data, request.user))
    return _report(request, kind, outcome, goes_back)


def _numbers(chosen: Sequence[str]) -> list[int]:
    """The numbers among what was chosen; the form says what is wrong with the rest."""
    return [one.number for one in map(read_chosen, chosen) if one is not None]


def _question(kind: Deed, chosen: Sequence[str], tickets: Sequence[Ticket], goes_back: str) -> Question:
    count = len(set(chosen))
    what = str(tickets[0]) if len(tickets) == count == 1 else f"{count:,} ticket{'' if count == 1 else 's'}"
    named = ", ".join(map(str, tickets[:NAMED]))
    more = f" and {len(tickets) - NAMED:,} more" if len(tickets) > NAMED else ""
    lone = tickets[0].title if len(tickets) == 1 else f"{named}{more}"
    explains = f"{lone}. {kind.explains}".strip()
    return Question(f"{kind.verb} {what}", explains, kind.verb, "Cancel", page=goes_back, page_title="Queue")


def _report(request: SignedIn, kind: Deed, outcome: Outcome, goes_back: str) -> HttpResponse:
    """To where they came from when all is done, or the only one is not; else the list of what is not done, and why."""
    done, refused = outcome.done, outcome.refused
    if len(done) + len(refused) == 1 and refused:
        ((number, why),) = refused.items()
        messages.warning(request, f"INC-{number}: {why}")
        return redirect(goes_back)
    said = f"INC-{done[0]}" if len(done) == 1 else f"{len(done):,} tickets"
    if not refused:
        messages.success(request, f"{said} {kind.did}.")
        return redirect(goes_back)
    titles = dict(Ticket.objects.filter(number__in=refused).values_list("number", "title"))
    reasons: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, why in refused.items():
        reasons[why].append((number, titles.get(number, "")))
    context: dict[str, Any] = {
        "reasons": sorted(reasons.items(), key=lambda reason: -len(reason[1])),
        "refused": len(refused),
        "done": len(done),
        "did": kind.did,
        "goes_back": goes_back,
    }
    return render(request, "incidents/bulk_report.html", context, status=200 if done else CONFLICT)
