"""Tickets in Django admin: to be read, with their timeline. Only alerts and actions write them, on their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from incidents.models import Source, Ticket
from zbmaint.ui.words import moment

NOTHING = "–"
PEOPLE = "-"  # no source is called that


class SourceFilter(admin.SimpleListFilter):
    """Who told us: people, the machines’ floor, or one of the alert sources. It does not read every ticket for that."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Each that there may be."""
        told = ["maintenance", "probes", *Source.objects.order_by("slug").values_list("slug", flat=True)]
        return [(PEOPLE, "People"), *((slug, slug) for slug in told)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
        """Its tickets."""
        chosen = self.value()
        return queryset if chosen is None else queryset.filter(source="" if chosen == PEOPLE else chosen)


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin[Ticket]):
    """What was opened, how bad it is, and what happened since."""

    list_display = ("number", "title", "severity", "status", "tier", "assignee", "occurrences", "last_seen_at")
    list_select_related = ("tier", "assignee")
    list_display_links = ("number", "title")
    list_filter = ("status", "severity", "tier", "clear", SourceFilter)
    search_fields = ("title", "key")
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = (
        *("page", "title", "description", "severity", "status", "tier", "assignee", "category", "due_at"),
        *("clear", "cleared_at", "occurrences", "links", "timeline"),
        *("reporter", "source", "key", "labels", "created_at", "last_seen_at", "resolved_at"),
    )
    readonly_fields = ("page", "links", "timeline", "labels")
    view_on_site = False

    @admin.display(description="Page")
    def page(self, ticket: Ticket) -> SafeString:
        """Where people work on it."""
        return format_html('<a href="{}">{}</a>', ticket.get_absolute_url(), ticket)

    @admin.display(description="Links")
    def links(self, ticket: Ticket) -> SafeString | str:
        """What it is about, newest first."""
        rows = list(ticket.links.order_by("-id")[:20])
        shown = (format_html('<a href="{}">{}</a>', row.url, row.label) if row.url else row.label for row in rows)
        return format_html_join("", "<div>{}</div>", ((each,) for each in shown)) if rows else NOTHING

    @admin.display(description="Timeline")
    def timeline(self, ticket: Ticket) -> SafeString | str:
        """What happened, newest first; the latest hundred of a ticket that came very often."""
        entries = ticket.entries.select_related("actor").order_by("-at", "-id")[:100]
        lines = [(moment(entry.at), entry.text, entry.actor or ticket.source or "zbmaint") for entry in entries]
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", lines)
        head = "<tr><th scope='col'>When</th><th scope='col'>What</th><th scope='col'>Who</th></tr>"
        return format_html("<table><thead>" + head + "</thead><tbody>{}</tbody></table>", rows) if lines else NOTHING

    @admin.display(description="Tags")
    def labels(self, ticket: Ticket) -> str:
        """Its tags."""
        return ", ".join(ticket.tags) or NOTHING

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: alerts open tickets."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        """Nobody, not even a role that grants everything."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        """Nobody: what has ended long ago is purged."""
        return False
