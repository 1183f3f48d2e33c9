"""Categories of tickets in Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.actions import categories
from incidents.admin.desk import DeskAdmin
from incidents.forms.category_form import CategoryForm
from incidents.models import Category
from zbmaint.access.requests import SignedIn


@admin.register(Category)
class CategoryAdmin(DeskAdmin[Category]):
    """Categories: made, changed, retired, restored."""

    form = CategoryForm
    list_display = ("name", "key", "first_tier", "position", "retired_at")
    list_select_related = ("first_tier",)
    search_fields = ("name", "key")
    fields = ("key", "name", "position", "first_tier", "retired_at")
    actions = ("retire", "restore")

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        """The key stays once it is made: alerts name it."""
        return ("key", "retired_at") if obj else ("retired_at",)

    def save_model(self, request: SignedIn, obj: Category, form: CategoryForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Make or change the category."""
        if change:
            categories.change(obj, form.details(), actor=request.user)
        else:
            obj.pk = categories.create(form.cleaned_data["key"], form.details(), actor=request.user).pk

    @admin.action(description="Retire: no new ticket gets it", permissions=["change"])
    def retire(self, request: SignedIn, chosen: QuerySet[Category]) -> None:
        """Retire each category."""
        self.each(request, chosen, lambda row: categories.retire(row, actor=request.user), "Retired")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: SignedIn, chosen: QuerySet[Category]) -> None:
        """Restore each category."""
        self.each(request, chosen, lambda row: categories.restore(row, actor=request.user), "Restored")
