"""The list of notices, and what may be done to one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from zbmaint.access.decorators import requires
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.notifications import rules
from zbmaint.notifications.actions import notices as actions
from zbmaint.notifications.models import Notice
from zbmaint.notifications.notice_filter import NoticeFilter
from zbmaint.notifications.views.notice_list import read_list
from zbmaint.notifications.views.notice_row import RESEND
from zbmaint.ui.asking import Question, ask
from zbmaint.ui.words import duration_in_words, thousands

UNPROCESSABLE = 422
LONGEST_QUERY = 500


@requires("notifications.view_notice")
@require_GET
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def notices(request: SignedIn) -> HttpResponse:
    """The list with its filters; only the list itself when htmx asks for it, 422 in words for a wrong filter."""
    filters = NoticeFilter(request.GET)
    page = None if filters.errors else read_list(filters, request.user)
    context: dict[str, Any] = {"filters": filters, "page": page, "query": filters.query()}
    if request.htmx and not request.htmx.history_restore_request:
        answer = render(request, "notifications/notices.html#found", context)
        if request.htmx.trigger == "filters" and not filters.errors:
            answer["HX-Push-Url"] = f"{request.path}?{filters.query()}".rstrip("?")
        return answer
    context["selects"] = filters.selects()
    return render(request, "notifications/notices.html", context, status=UNPROCESSABLE if filters.errors else 200)


@requires(RESEND)
@require_POST
def resend(request: SignedIn, notice_id: uuid.UUID) -> HttpResponse:
    """Send it (again), with the same delivery id."""
    return _do(request, notice_id, actions.resend, "is sent again")


@requires(RESEND)
@require_http_methods(["GET", "HEAD", "POST"])
def resend_dead(request: SignedIn) -> HttpResponse:
    """Ask once more; a POST sends all again that were given up and that the filters find."""
    given = request.POST if request.method == "POST" else request.GET
    filters = NoticeFilter({**given.dict(), "tab": "dead"})
    if filters.errors:
        messages.warning(request, "Nothing was sent again: " + " ".join(filters.errors))
        return redirect(f"{reverse('notices')}?tab=dead")
    if request.method != "POST":
        return _ask_for_dead(request, filters)
    count = actions.resend_dead(filters.apply(), request.user)
    messages.success(request, f"{count:,} notice{' is' if count == 1 else 's are'} sent again.")
    return redirect(f"{reverse('notices')}?{filters.query()}"[:LONGEST_QUERY])


def _ask_for_dead(request: SignedIn, filters: NoticeFilter) -> HttpResponse:
    count = filters.apply().filter(state=rules.DEAD).count()
    if not count:
        raise Http404("Of these notices none is given up any more.")
    tried = duration_in_words(dt.timedelta(hours=settings.NOTICE_GIVE_UP_HOURS))
    question = Question(
        f"Resend {thousands(count)} notice{'' if count == 1 else 's'}?",
        f"{'It' if count == 1 else 'Each'} starts anew, and is tried for {tried}.",
        "Resend",
        "Leave as they are" if count > 1 else "Leave it as it is",
        page=f"{reverse('notices')}?{filters.query()}",
        page_title="Notices",
    )
    form = forms.Form()
    form.fields = {name: forms.CharField(initial=value, widget=forms.HiddenInput) for name, value in filters.fields}
    return ask(request, question, form)


@requires(RESEND)
@require_POST
def cancel(request: SignedIn, notice_id: uuid.UUID) -> HttpResponse:
    """Stop one that waits, or let a dead one be."""
    return _do(request, notice_id, actions.cancel, "is not sent any more")


def _do(
    request: SignedIn, notice_id: uuid.UUID, action: Callable[[Notice, Person | None], Notice], done: str
) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.defer("payload"), pk=notice_id)
    try:
        action(notice, request.user)
        messages.success(request, f"The notice {done}.")
    except actions.NoticeRefused as refused:
        messages.warning(request, str(refused))
    query = NoticeFilter({**request.POST.dict()}).query()
    return redirect(f"{reverse('notices')}?{query}".rstrip("?")[:LONGEST_QUERY])
