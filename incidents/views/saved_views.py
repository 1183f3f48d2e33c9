"""Keeping a view of the queue under a name, counting what one's views show, and forgetting one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from incidents.actions import saved_views
from incidents.actions.refusals import TicketRefused
from incidents.forms.saved_view_form import SavedViewForm
from incidents.models import SavedView
from incidents.views.queue_tabs import TABS
from incidents.views.queue_views import address, counted
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.ui.asking import Question, ask

CONFLICT, UNPROCESSABLE = 409, 422


@requires("incidents.view_ticket")
@require_GET
def counts(request: SignedIn) -> HttpResponse:
    """One's views with how many tickets each shows: the fragment that the navigation asks for."""
    here = request.htmx.current_url_abs_path or ""
    links = counted(request, here, timezone.now())
    return render(request, "incidents/saved_views.html", {"links": links, "are_counted": True})


@requires("incidents.view_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: SignedIn) -> HttpResponse:
    """Ask for a name; a POST keeps the view and shows it."""
    known = frozenset(TABS)
    given = request.POST if request.method == "POST" else None
    initial = {"tab": request.GET.get("tab", ""), "query": request.GET.get("query", "")}
    form = SavedViewForm(given, initial=initial, person=request.user, tabs=known)
    about = Question(
        "Save this view",
        "This queue with these filters, under a name of your own. Nobody else sees it.",
        "Save the view",
        "Cancel",
        page="queue",
        page_title="Queue",
    )
    if request.method != "POST":
        return ask(request, about, form)
    if not form.is_valid():
        return ask(request, about, form, status=UNPROCESSABLE)
    kept = form.cleaned_data
    try:
        view = saved_views.save(request.user, kept["name"], tab=kept["tab"], query=kept["query"])
    except TicketRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return ask(request, about, form, status=CONFLICT)
    messages.success(request, f"The view “{view}” stands in your navigation.")
    return redirect(address(view.tab, view.query))


@requires("incidents.view_ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedIn, pk: int) -> HttpResponse:
    """Ask once more; a POST forgets it and shows the same filters, so that it can be saved again."""
    view = get_object_or_404(SavedView, pk=pk, person=request.user)
    shown = address(view.tab, view.query)
    about = Question(
        f"Remove the view “{view}”", "Its tickets stay as they are.", "Remove the view", "Keep it", shown, str(view)
    )
    if request.method != "POST":
        return ask(request, about, forms.Form())
    saved_views.remove(view, actor=request.user)
    messages.success(request, f"The view “{view}” is removed.")
    return redirect(shown if view.tab in TABS else "queue")
