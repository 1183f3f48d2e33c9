"""The kinds of maintenance in Django admin: their words may be changed, there are always these four."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from maintenance.actions import categories
from maintenance.models import Category
from zbmaint.access.action_admin import ActionAdmin, ActionForm
from zbmaint.access.requests import SignedIn
from zbmaint.ui.lines import LinesField


class CategoryForm(ActionForm[Category]):
    """The words of a category."""

    examples = LinesField(help_text="One a line.")

    class Meta:
        model = Category
        fields = ("name", "description", "frequency", "trigger", "examples", "rank")
        widgets = {"description": forms.TextInput(attrs={"class": "vTextField"})}
        labels = {"rank": "Place in lists"}


@admin.register(Category)
class CategoryAdmin(ActionAdmin[Category]):
    """Categories: worded."""

    form = CategoryForm
    list_display = ("name", "description", "frequency", "trigger")
    fields = ("key", "name", "description", "frequency", "trigger", "examples", "rank")
    readonly_fields = ("key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: tasks belong to the four that there are."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        """People who may see the schedule."""
        return request.user.has_perm("maintenance.view_schedule")

    def save_model(self, request: SignedIn, obj: Category, form: CategoryForm, change: bool) -> None:  # type: ignore[override]  # admin's own request and form types are wider
        """Word the category."""
        categories.word(obj, categories.CategoryText(**form.cleaned_data), actor=request.user)
