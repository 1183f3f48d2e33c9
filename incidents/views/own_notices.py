"""How a person is told: their channels, their rules, their quiet hours, and a test."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents.actions import own_notices as actions
from incidents.actions.refusals import DeskRefused
from incidents.forms.own_notices_form import OwnNoticesForm
from incidents.models import NoticeMinimum
from zbmaint.access.decorators import signed_in
from zbmaint.access.requests import SignedIn
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import catalog
from zbmaint.notifications.views.notice_row import NoticeRow

NEWEST = 8


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def own_notices(request: SignedIn) -> HttpResponse:
    """Show and change it."""
    form = OwnNoticesForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.change(request.user, form.preferences(), form.wishes())
        except DeskRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, "How you are told is saved.")
            return redirect("own_notices")
    context = {"form": form, "minimums": NoticeMinimum.objects.all(), **_log(request)}
    return render(request, "incidents/own_notices.html", context, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def test(request: SignedIn) -> HttpResponse:
    """Send a test by every channel of theirs."""
    try:
        sent = actions.send_test(request.user)
        messages.success(request, f"A test is on its way by {len(sent)} channel{'s' if len(sent) > 1 else ''}.")
    except DeskRefused as refused:
        messages.warning(request, str(refused))
    return redirect("own_notices")


@signed_in
@require_GET
def log(request: SignedIn) -> HttpResponse:
    """What was sent to them last, and what became of it."""
    return render(request, "incidents/own_notices.html#log", _log(request))


def _log(request: SignedIn) -> dict[str, Any]:
    mine = Notice.objects.filter(person=request.user).select_related("person").defer("payload")
    now = timezone.now()
    rows = [NoticeRow(notice, request.user, now) for notice in mine.order_by("-created_at", "-pk")[:NEWEST]]
    return {"rows": rows, "lacks": catalog.lacks("email")}
