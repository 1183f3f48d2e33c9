"""The form of a new alert source; the rest is set up in admin."""

from __future__ import annotations

from django import forms

from incidents.intake.catalog import CATALOG
from incidents.rules import texts


class SourceNewForm(forms.Form):
    """Its name and its kind."""

    name = forms.CharField(max_length=80, strip=True, help_text="Such as monitoring. It stands on its tickets.")
    kind = forms.ChoiceField(
        choices=[(kind.key, kind.label) for kind in CATALOG.values()],
        help_text="Alertmanager, or anything that can send JSON (generic). It stays.",
    )

    def clean_name(self) -> str:
        """The name, unless it cannot be kept."""
        name: str = self.cleaned_data["name"]
        if problem := texts.why_not_line(name, 80):
            raise forms.ValidationError(problem)
        return name
