"""The availability of people in Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from incidents.actions import responders
from incidents.admin.desk import DeskAdmin
from incidents.forms.responder_form import ResponderForm
from incidents.models import Responder
from zbmaint.access.requests import SignedIn


@admin.register(Responder)
class ResponderAdmin(DeskAdmin[Responder]):
    """Who is away, and who can have how many open tickets."""

    form = ResponderForm
    list_display = ("person", "away_until", "away_reason", "open_cap")
    list_select_related = ("person",)
    search_fields = ("person__username", "person__name")
    fields = ("person", "away_until", "away_reason", "open_cap")

    def get_readonly_fields(self, request: HttpRequest, obj: Responder | None = None) -> tuple[str, ...]:
        """Whose it is stays."""
        return ("person",) if obj else ()

    def save_model(self, request: SignedIn, obj: Responder, form: ResponderForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Say it of the person."""
        if change:
            responders.change(obj, form.details(), actor=request.user)
        else:
            responders.create(form.cleaned_data["person"], form.details(), actor=request.user)
