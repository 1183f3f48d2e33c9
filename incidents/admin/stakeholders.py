"""Who is told of tickets, in Django admin."""

from __future__ import annotations

from django.contrib import admin

from incidents.actions import stakeholders
from incidents.admin.desk import DeskAdmin
from incidents.forms.stakeholder_form import NoticeMinimumForm, StakeholderForm
from incidents.models import NoticeMinimum, Stakeholder
from zbmaint.access.requests import SignedIn


@admin.register(Stakeholder)
class StakeholderAdmin(DeskAdmin[Stakeholder]):
    """Groups, people outside and chat channels that are told of tickets."""

    form = StakeholderForm
    list_display = ("name", "channel", "address", "active")
    list_filter = ("channel", "active")
    search_fields = ("name", "address")
    fields = ("name", "channel", "address", "severities", "tiers", "active")

    def save_model(self, request: SignedIn, obj: Stakeholder, form: StakeholderForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Say it through the action."""
        if change:
            stakeholders.change(obj, form.details(), actor=request.user)
        else:
            stakeholders.create(form.details(), actor=request.user)


@admin.register(NoticeMinimum)
class NoticeMinimumAdmin(DeskAdmin[NoticeMinimum]):
    """What whoever has to answer is always told."""

    form = NoticeMinimumForm
    list_display = ("event", "channels", "least")
    fields = ("event", "channels", "least")

    def save_model(self, request: SignedIn, obj: NoticeMinimum, form: NoticeMinimumForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Say it through the action."""
        if change:
            stakeholders.change_minimum(obj, form.details(), actor=request.user)
        else:
            stakeholders.create_minimum(form.details(), actor=request.user)
