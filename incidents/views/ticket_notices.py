"""Who was told of a ticket: by which channel, when, and what became of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from incidents.notices.news import topic
from incidents.views.ticket_page import find
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn
from zbmaint.notifications.models import Notice
from zbmaint.notifications.views.notice_row import NoticeRow

MOST = 100


@requires("incidents.view_ticket")
@require_GET
def notices(request: SignedIn, number: int) -> HttpResponse:
    """The delivery log, newest first; the panel alone when htmx asks for it. One query beside the ticket."""
    ticket = find(number)
    found = Notice.objects.filter(topic=topic(number)).select_related("person").defer("payload")
    now = timezone.now()
    rows = [NoticeRow(notice, request.user, now) for notice in found.order_by("-created_at", "-pk")[: MOST + 1]]
    context = {"ticket": ticket, "rows": rows[:MOST], "more": len(rows) > MOST}
    template = "incidents/ticket_notices.html#log" if request.htmx else "incidents/ticket_notices.html"
    return render(request, template, context)
