"""The queue: the page that the support tiers live in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from incidents.banners import told
from incidents.forms.queue_filter import QueueFilter
from incidents.views.queue_changes import read_changes
from incidents.views.queue_jump import is_jump, page_meant, without_jump
from incidents.views.queue_list import read_list
from incidents.views.queue_state import read_seen
from incidents.views.queue_tabs import ALL, TABS, about, own_tab
from incidents.views.queue_views import address, current, links_of
from incidents.views.queue_warnings import read_warnings
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn

NOT_FOUND, UNPROCESSABLE = 404, 422


@requires("incidents.view_ticket")
@require_GET
@vary_on_headers("HX-Request")
def queue(request: SignedIn) -> HttpResponse:
    """The queue of one's own tier; all tickets for those who are in none."""
    return show(request, own_tab(request.user), request.GET)


@requires("incidents.view_ticket")
@require_GET
@vary_on_headers("HX-Request")  # or "back" in the browser shows a cached fragment as the page
def queue_tab(request: SignedIn, tab: str) -> HttpResponse:
    """One of the queues, 404 in words for one that does not exist; or the page that the search box asks for."""
    if tab not in TABS:
        return unknown(request, tab)
    if tab != ALL or not is_jump(request.GET):
        return show(request, tab, request.GET)
    path = page_meant(request.GET, request.user)
    return redirect(path) if path else show(request, tab, without_jump(request.GET))


@requires("incidents.view_ticket")
@require_GET
def queue_changes(request: SignedIn, tab: str) -> HttpResponse:
    """What differs from the `state` that a browser shows of a queue. `UnchangedMiddleware` says when nothing can."""
    if tab not in TABS:
        return unknown(request, tab)
    state, now = request.GET.get("state", ""), timezone.now()
    filters, seen = QueueFilter(request.GET, request.user), read_seen(state)
    if filters.errors or seen is None:
        said = " ".join(filters.errors) or "The state is not one that a page of the queue has."
        return HttpResponse(said, status=UNPROCESSABLE, content_type="text/plain")
    changes = read_changes(TABS[tab], filters, seen, request.user, now)
    return render(request, "incidents/queue_changes.html", {"changes": changes, "tab": changes.tab})


def show(request: SignedIn, key: str, query: QueryDict) -> HttpResponse:
    """The page of a queue; only its list when htmx asks for it, 422 in words for a wrong filter in `query`."""
    filters, tab = QueueFilter(query, request.user), TABS[key]
    page = read_list(tab, filters, request.user, timezone.now())
    tiers = filters.setup.tiers
    told(request, page.counts.standing.changes, page.counts.standing.newest)
    views = links_of(request, request.get_full_path() if filters.errors else address(key, page.first))
    context: dict[str, Any] = {"page": page, "tab": tab, "warnings": read_warnings(tiers, page.counts)}
    context |= {"views": views, "view": current(views)}
    status = UNPROCESSABLE if filters.errors else 200
    if not request.htmx or request.htmx.history_restore_request:
        context |= {"selects": filters.selects(), "about": about(tab, tiers)}
        return render(request, "incidents/queue.html", context, status=status)
    answer = render(request, "incidents/queue_fragment.html", context, status=status)
    if request.htmx.trigger == "filters" and not filters.errors:
        answer["HX-Push-Url"] = f"{request.path}?{filters.query()}".rstrip("?")
    return answer


def unknown(request: SignedIn, wanted: str) -> HttpResponse:
    """The page that says which queues there are."""
    context = {"wanted": wanted[:60], "tabs": TABS.values()}
    return render(request, "incidents/queue_unknown.html", context, status=NOT_FOUND)
