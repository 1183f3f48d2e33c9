"""Targets in Django admin: everything goes through the actions, so that nothing is changed without a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from maintenance.actions import targets
from maintenance.models import Target
from zbmaint.access.requests import SignedIn


class TargetForm(forms.ModelForm[Target]):
    """Name, title, kind and reference; what cannot be changed now is said at the field."""

    class Meta:
        model = Target
        fields = ("name", "title", "kind", "reference")

    def clean(self) -> dict[str, Any] | None:
        """Say at the form what the action would refuse."""
        cleaned = super().clean()
        if self.instance.pk and set(self.changed_data) - {"title"}:
            try:
                targets.refuse_while_active(self.instance, "changed")
            except targets.TargetRefused as refused:
                raise forms.ValidationError(str(refused)) from refused
        return cleaned


class InUse(admin.SimpleListFilter):
    """Targets that are worked on, and retired ones."""

    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two choices."""
        return [("yes", "In use"), ("no", "Retired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Target]) -> QuerySet[Target]:
        """The targets of the choice."""
        return queryset.filter(retired_at__isnull=self.value() == "yes") if self.value() in ("yes", "no") else queryset


@admin.register(Target)
class TargetAdmin(admin.ModelAdmin[Target]):
    """Make, change, retire, restore; a target is never deleted, because its runs keep its name."""

    form = TargetForm
    list_display = ("name", "title", "kind", "reference", "retired_at")
    list_filter = (InUse,)
    search_fields = ("name", "title")
    fields = ("name", "title", "kind", "reference", "retired_at")
    readonly_fields = ("retired_at",)
    actions = ("try_connection", "retire", "restore")

    def has_delete_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        """Nobody may."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; a run that began between check and save is in the way, and is said instead of a traceback."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except targets.TargetRefused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)

    def save_model(self, request: SignedIn, obj: Target, form: forms.ModelForm[Target], change: bool) -> None:  # type: ignore[override]  # admin lets nobody in who is not signed in
        """Save through the action, then try the connection, outside the transaction."""
        given = {name: form.cleaned_data[name] for name in ("name", "title", "kind", "reference")}
        details = targets.Details(**given)
        if change:
            targets.change(obj, details, actor=request.user)
        else:
            obj.pk = targets.create(details, actor=request.user).pk
        transaction.on_commit(lambda: self._tell(request, obj))

    def _tell(self, request: HttpRequest, target: Target) -> None:
        answer = targets.try_connection(target)
        if answer.works:
            messages.success(request, f"{target.name}: {answer.says}")
        else:
            messages.warning(request, f"{target.name} does not answer this web server. {answer.says}")

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
