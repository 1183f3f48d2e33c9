"""The form of a category."""

from __future__ import annotations

from incidents.actions.categories import CategoryDetails
from incidents.models import Category
from zbmaint.access.action_admin import ActionForm


class CategoryForm(ActionForm[Category]):
    """What is decided about a category."""

    class Meta:
        model = Category
        fields = ("key", "name", "position", "first_tier")
        help_texts = {"key": "Short name for alerts and scripts. It stays.", "position": "Place in lists."}

    def details(self) -> CategoryDetails:
        """The values for the action."""
        given = self.cleaned_data
        return CategoryDetails(given["name"], given["position"], given["first_tier"])
