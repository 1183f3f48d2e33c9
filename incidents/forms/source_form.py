"""The form of an alert source in admin."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.actions.sources import SourceDetails
from incidents.forms.fields import TagsField
from incidents.models import Source
from incidents.rules import severities
from zbmaint.access.action_admin import ActionForm


class SeverityMapField(forms.CharField):
    """What words mean, a line each: `warning = medium`. Gives word to severity."""

    widget = forms.Textarea(attrs={"rows": 12, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        """The map as lines; what was typed stays as it was typed."""
        return "\n".join(f"{word} = {meaning}" for word, meaning in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """The map. Raises ValidationError for a line that is none."""
        found: dict[str, str] = {}
        for given in str(super().to_python(value)).splitlines():
            word, equals, meaning = (part.strip().lower() for part in given.partition("="))
            if not given.strip():
                continue
            if not equals or not word or meaning not in severities.WORST_FIRST:
                known = ", ".join(severities.WORST_FIRST)
                raise forms.ValidationError(f"“{given.strip()[:60]}” is not a word, =, and one of {known}.")
            found[word] = meaning
        return found


class SourceForm(ActionForm[Source]):
    """What is decided about a source."""

    severities = SeverityMapField(
        required=False, help_text="A line each: the source's word, =, and critical, high, medium or low."
    )
    tags = TagsField()

    class Meta:
        model = Source
        fields = ("name", "kind", "enabled", "severities", "default_severity", "category", "tier", "tags")
        help_texts = {
            "name": "A short name for addresses and tickets follows from the first one, and stays.",
            "kind": "It stays.",
            "enabled": "One that is switched off keeps what comes, and opens no ticket.",
            "default_severity": "What any other word means; the ticket says so.",
            "category": "Empty: none.",
            "tier": "Where its tickets begin. Empty: where their category does, else tier 1.",
        }

    def details(self) -> SourceDetails:
        """The values for the action."""
        names = ("name", "severities", "default_severity", "category", "tier", "tags", "enabled")
        return SourceDetails(**{name: self.cleaned_data[name] for name in names})
