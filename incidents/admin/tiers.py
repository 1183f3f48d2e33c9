"""Tiers in Django admin: always these three. Their words, targets, calendar and who is on call are changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from incidents.actions import tiers
from incidents.admin.desk import DeskAdmin
from incidents.forms.tier_form import WHAT, TierForm
from incidents.models import Severity, Tier
from incidents.rules import lengths
from zbmaint.access.requests import SignedIn

NOTE = (
    "Lengths such as 15 min, 4 h or 2 days (a day is 24 h), in hours of the calendar. They are for tickets that come "
    "to the tier from now on: clocks that run keep theirs. An empty resolution: no target."
)


@admin.register(Tier)
class TierAdmin(DeskAdmin[Tier]):
    """The three tiers."""

    form = TierForm
    list_display = ("__str__", "name", "on_call", "calendar", "open_cap")
    list_select_related = ("on_call", "calendar")
    readonly_fields = ("targets_shown",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: there are three."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Tier | None = None) -> Any:
        """Who only looks gets the targets as a table."""
        first = ("name", "responsibilities", "criteria")
        who = ("on_call", "open_cap", "calendar")
        if not self.has_change_permission(request, obj):
            rows: list[Any] = [("Targets", {"fields": ("targets_shown",)})]
        else:
            rows = [
                (
                    f"Targets: {severity.label.lower()}",
                    {"fields": (tuple(f"{severity}_{what}" for what in WHAT),), "description": NOTE if at == 0 else ""},
                )
                for at, severity in enumerate(Severity)
            ]
        return [(None, {"fields": first}), ("Who and when", {"fields": who}), *rows]

    @admin.display(description="Targets")
    def targets_shown(self, tier: Tier) -> SafeString:
        """The twelve lengths."""
        of = {target.severity: target for target in tier.targets.all()}
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (severity.label, *(_length(getattr(of.get(severity), column, None)) for column, _, _ in WHAT.values()))
                for severity in Severity
            ),
        )
        words = format_html_join("", "<th scope='col'>{}</th>", ((words,) for _, words, _ in WHAT.values()))
        head = format_html("<tr><th scope='col'>{}</th>{}</tr>", "Severity", words)
        return format_html("<table><thead>{}</thead><tbody>{}</tbody></table>", head, rows)

    def save_model(self, request: SignedIn, obj: Tier, form: TierForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Set up the tier."""
        tiers.change(obj, form.details(), actor=request.user)


def _length(minutes: int | None) -> str:
    return "–" if minutes is None else lengths.written(minutes)
