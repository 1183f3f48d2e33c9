"""The list of alert sources, with the catch-all of what nothing could be made of."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from incidents.actions import deliveries
from incidents.actions.refusals import DeskRefused
from incidents.models import Delivery
from incidents.views import source_reading
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.view_source")
@require_GET
@vary_on_headers("HX-Request")
def sources(request: SignedIn) -> HttpResponse:
    """Every source, how it is, and what failed; only the part that changes when htmx asks."""
    now = timezone.now()
    rows = source_reading.read_sources(now)
    failed, failures = source_reading.failed()
    context = {
        "rows": rows,
        "summary": source_reading.summary(rows),
        "failed": failed,
        "failures": failures,
        "rejected": source_reading.rejected(None, now),
    }
    part = request.htmx and not request.htmx.history_restore_request
    return render(request, "incidents/sources.html#live" if part else "incidents/sources.html", context)


@requires("incidents.change_source")
@require_POST
def again(request: SignedIn, delivery_id: int) -> HttpResponse:
    """Read a failed delivery once more."""
    return _do(request, delivery_id, deliveries.try_again, "is read again")


@requires("incidents.change_source")
@require_POST
def dismiss(request: SignedIn, delivery_id: int) -> HttpResponse:
    """Let a failed delivery be."""
    return _do(request, delivery_id, deliveries.dismiss, "is let be")


def _do(request: SignedIn, delivery_id: int, action: Callable[..., Delivery], done: str) -> HttpResponse:
    try:
        delivery = action(delivery_id, actor=request.user)
    except Delivery.DoesNotExist:
        raise Http404("This delivery is not kept any more.") from None
    except DeskRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{delivery} of {delivery.source} {done}.")
    given = request.POST.get("next", "")
    ours = given.startswith("/") and url_has_allowed_host_and_scheme(given, None)
    return redirect(given if ours else "sources")
