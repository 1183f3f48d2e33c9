"""The page of one alert source: how to set it up, whether it works, what came of late."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from incidents.actions import sources
from incidents.models import Source
from incidents.views import source_reading
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

STATUSES = ("firing", "resolved")


@requires("incidents.view_source")
@require_GET
@vary_on_headers("HX-Request")
def source(request: SignedIn, slug: str) -> HttpResponse:
    """Everything about it; only what changes by itself when htmx asks."""
    found, now = get_object_or_404(Source.objects.select_related("category", "tier"), slug=slug), timezone.now()
    context = {
        "source": found,
        "recent": source_reading.recent(found),
        "row": source_reading.read_source(found, now),
        "tickets": source_reading.open_tickets(found),
        "rejected": source_reading.rejected(found, now),
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "incidents/source.html#news", context | {"oob": True})
    tokens = found.tokens.filter(revoked_at__isnull=True).select_related("created_by")
    more = {
        "tokens": list(tokens),
        "words": source_reading.words_of(found),
        "url": f"{settings.PUBLIC_URL}/hooks/{found.kind}",
        "setup": f"incidents/source/{found.kind}.html",
    }
    return render(request, "incidents/source.html", context | more)


@requires("incidents.change_source")
@require_POST
def test(request: SignedIn, slug: str) -> HttpResponse:
    """Send a test alert in its name, or clear it."""
    found = get_object_or_404(Source, slug=slug)
    status = request.POST.get("status", "firing")
    if status not in STATUSES:
        messages.warning(request, "A test alert is firing or resolved.")
        return redirect(found)
    delivery = sources.send_test(found, "resolved" if status == "resolved" else "firing", actor=request.user)
    what = "The test alert" if status == "firing" else "That the test alert is over"
    messages.success(request, f"{what} is stored as delivery {delivery.pk}. What becomes of it stands below.")
    return redirect(found)
