"""Targets in Django admin: everything goes through the actions, so that nothing is changed without a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from maintenance.actions import targets
from maintenance.forms.marked_form import SEEN, MarkedForm
from maintenance.models import Target
from zbmaint.access.action_admin import ActionAdmin
from zbmaint.access.requests import SignedIn


class TargetForm(MarkedForm[Target]):
    """What is decided about a target."""

    class Meta:
        model = Target
        fields = ("name", "title", "kind", "reference")

    def mark(self, instance: Target) -> str:
        """The mark of a target."""
        return targets.mark(instance)

    def details(self) -> targets.Details:
        """The values for the action."""
        return targets.Details(**{field.name: self.cleaned_data[field.name] for field in fields(targets.Details)})


class UseFilter(admin.SimpleListFilter):
    """Targets that are worked on, and retired ones."""

    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two choices."""
        return [("yes", "In use"), ("no", "Retired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Target]) -> QuerySet[Target]:
        """The targets of the choice."""
        if self.value() is None:
            return queryset
        return queryset.filter(retired_at__isnull=self.value() == "yes")


@admin.register(Target)
class TargetAdmin(ActionAdmin[Target]):
    """Targets: made, changed, tried, retired, restored."""

    refusals = (*ActionAdmin.refusals, targets.TargetRefused)
    form = TargetForm
    list_display = ("name", "title", "kind", "reference", "retired_at")
    list_filter = (UseFilter,)
    search_fields = ("name", "title")
    readonly_fields = ("retired_at",)
    actions = ("try_connection", "retire", "restore")

    def get_fields(self, request: HttpRequest, obj: Target | None = None) -> Any:
        """With the mark of what is changed, for who may change it."""
        shown = ("name", "title", "kind", "reference", "retired_at")
        return (*shown, SEEN) if obj and self.has_change_permission(request, obj) else shown

    def save_model(self, request: SignedIn, obj: Target, form: TargetForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the target, then try the connection when it is saved."""
        if change:
            targets.change(obj, form.details(), actor=request.user, seen=form.cleaned_data[SEEN])
        else:
            obj.pk = targets.create(form.details(), actor=request.user).pk
        transaction.on_commit(lambda: self._tell(request, obj))

    def _tell(self, request: HttpRequest, target: Target) -> None:
        answer = targets.try_connection(target)
        if answer.works:
            messages.success(request, f"{target.name}: {answer.says}")
        else:
            messages.warning(request, f"{target.name}: the test from this web server failed. {answer.says}")

    @admin.action(description="Test the connection", permissions=["change"])
    def try_connection(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Say of each target whether it answers."""
        for target in queryset:
            self._tell(request, target)

    @admin.action(description="Retire: no more runs on it", permissions=["change"])
    def retire(self, request: SignedIn, queryset: QuerySet[Target]) -> None:
        """Retire each target."""
        self._each(request, queryset, targets.retire, "Retired")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: SignedIn, queryset: QuerySet[Target]) -> None:
        """Restore each target."""
        self._each(request, queryset, targets.restore, "Restored")

    def _each(self, request: SignedIn, queryset: QuerySet[Target], action: Callable[..., Target], word: str) -> None:
        for target in queryset:
            try:
                action(target, actor=request.user)
            except targets.TargetRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, f"{word}: {target}.")
