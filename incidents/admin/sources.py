"""Alert sources in Django admin. Their tokens and what they delivered stand on their own pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.actions import sources
from incidents.actions.refusals import DeskRefused
from incidents.forms.source_form import SourceForm
from incidents.models import Source
from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.requests import SignedIn


@admin.register(Source)
class SourceAdmin(ActionAdmin[Source]):
    """Sources: made, changed, switched off and on."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (*ActionAdmin.refusals, DeskRefused)
    form = SourceForm
    list_display = ("name", "slug", "kind", "enabled", "default_severity", "page")
    search_fields = ("name", "slug")
    actions = None
    view_on_site = False
    fieldsets = (
        (None, {"fields": ("name", "kind", "enabled")}),
        ("Severity", {"fields": ("severities", "default_severity")}),
        ("What its tickets get", {"fields": ("category", "tier", "tags")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        """The kind stays once it is made: its tokens belong to one door."""
        return ("kind",) if obj else ()

    @admin.display(description="Page")
    def page(self, source: Source) -> SafeString:
        """How to set it up, its tokens, what came."""
        return format_html('<a href="{}">Set-up and deliveries</a>', source.get_absolute_url())

    def save_model(self, request: SignedIn, obj: Source, form: Any, change: bool) -> None:  # type: ignore[override]  # admin's own request type is wider
        """Make or change the source."""
        if change:
            sources.change(obj, form.details(), actor=request.user)
        else:
            obj.pk = sources.create(form.cleaned_data["kind"], form.details(), actor=request.user).pk
