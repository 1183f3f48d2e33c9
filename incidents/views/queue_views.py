"""A person's saved views of the queue, as they stand in the navigation and in the queue's menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from incidents.forms.queue_filter import QueueFilter
from incidents.measures.now import ENOUGH
from incidents.models import SavedView, Ticket
from incidents.views.queue_counts import up_to_enough
from incidents.views.queue_tabs import TABS, matching
from zbmaint.access.models import Person
from zbmaint.access.requests import SignedIn
from zbmaint.prepared import Prepared

_VIEWS = Prepared(lambda person: SavedView.objects.filter(person_id=person), -1)  # every page asks


@dataclass(frozen=True)
class ViewLink:
    """A view with its address. `count` is what stands beside it, empty while nobody has counted.

    `why_not` says in words why it shows nothing any more: something that it looks for is gone.
    """

    pk: int
    name: str
    url: str
    current: bool
    count: str = ""
    why_not: str = ""


def views_of(request: HttpRequest) -> list[SavedView]:
    """The views of whoever is signed in; one query, once a request."""
    kept: list[SavedView] | None = getattr(request, "saved_views", None)
    if kept is None:
        kept = _VIEWS.objects(request.user.pk)
        request.saved_views = kept  # type: ignore[attr-defined]  # for the menu of the queue after the navigation
    return kept


def links_of(request: HttpRequest, here: str) -> list[ViewLink]:
    """The views of whoever is signed in; the one whose address is `here`, path and query, is current."""
    return [_link(view, here) for view in views_of(request)]


def counted(request: SignedIn, here: str, now: dt.datetime) -> list[ViewLink]:
    """The same with how many tickets each shows, up to `ENOUGH`; a query for each, and one if any needs the set-up."""
    links, setup = [], None
    for view in views_of(request):
        filters = QueueFilter(QueryDict(view.query), request.user, setup=setup)
        setup = setup if filters.needs_setup else filters.setup
        links.append(_counted(view, filters, request.user, here, now))
    return links


def address(tab: str, query: str) -> str:
    """Where the view of a queue with these filters is shown."""
    return reverse("queue_tab", args=[tab]) + (f"?{query}" if query else "")


def current(links: Sequence[ViewLink]) -> ViewLink | None:
    """The view that is being shown."""
    return next((link for link in links if link.current), None)


def _link(view: SavedView, here: str, count: str = "", why_not: str = "") -> ViewLink:
    url = address(view.tab, view.query)
    return ViewLink(view.pk, view.name, url, url == here, count, why_not)


def _counted(view: SavedView, filters: QueueFilter, person: Person, here: str, now: dt.datetime) -> ViewLink:
    if filters.errors or view.tab not in TABS:
        why_not = " ".join(filters.errors) or f"There is no queue “{view.tab}” any more."
        return _link(view, here, "–", why_not)
    found = Ticket.objects.filter(matching(view.tab, filters, person, now)).order_by()[: ENOUGH + 1].count()
    return _link(view, here, up_to_enough(found))
