"""What the tickets add to the navigation: a person's saved views, below the queue."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.views.queue_views import links_of
from zbmaint.access.models import Person
from zbmaint.ui import slots


def saved_views(request: HttpRequest) -> SafeString | None:
    """The views of whoever is signed in, by name; their counts follow when the page is there."""
    if not isinstance(request.user, Person):
        return None
    links = links_of(request, request.get_full_path())
    return render_to_string("incidents/saved_views.html", {"links": links}, request) if links else None


slots.register("queue_views", saved_views)
