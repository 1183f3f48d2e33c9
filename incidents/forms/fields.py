"""Fields as tickets have them: long texts, tags, a severity, a category, a tier."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from incidents.models import Category, Severity, Tier
from incidents.rules import texts


class TitleField(forms.CharField):
    """One line on what does not work."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def validate(self, value: Any) -> None:
        """Refuse in words what is no title."""
        if problem := texts.why_not_title(value):
            raise ValidationError(problem)


class LongTextField(forms.CharField):
    """Markdown, kept as it was typed but for the ends of lines, which browsers send in a way of their own."""

    def __init__(self, *, rows: int = 6, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"required": False, "strip": False, "widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        """With the ends of lines that we keep."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: Any) -> None:
        """Refuse in words what is too long."""
        super().validate(value)
        if problem := texts.why_not_text(value):
            raise ValidationError(problem)


class TagsField(forms.CharField):
    """Tags with commas between them, as a tuple; the actions make them as tickets keep them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": "With commas between them.", **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """The tags as text; what was typed stays as it was typed."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The tags; ValidationError for one that is none, or too many."""
        names = tuple(name for name in str(super().clean(value) or "").split(",") if name.strip())
        problems = (texts.why_not_tag(texts.tag(name)) for name in names)
        if problem := next(filter(None, problems), None):
            raise ValidationError(problem)
        if len(names) > texts.MOST_TAGS:
            raise ValidationError(f"A ticket has at most {texts.MOST_TAGS} tags, not {len(names)}.")
        return names


class SeverityField(forms.ChoiceField):
    """How bad it is."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {
            "required": "Choose a severity.",
            "invalid_choice": "There is no severity “%(value)s”. Choose one of the list.",
        }
        super().__init__(**{"choices": Severity.choices, "error_messages": errors, **kwargs})


class CategoryField(forms.ModelChoiceField[Category]):
    """What it is about; none of the retired ones."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": "There is no category “%(value)s”. Choose one of the list."}
        offered = Category.objects.filter(retired_at__isnull=True)
        more = {"to_field_name": "key", "required": False, "empty_label": "None of these", "error_messages": errors}
        super().__init__(**{"queryset": offered, **more, **kwargs})


class TierField(forms.ModelChoiceField[Tier]):
    """Who answers it first."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": "There is no tier “%(value)s”. Choose one of the list."}
        more = {"required": False, "empty_label": "Where its category begins", "error_messages": errors}
        super().__init__(**{"queryset": Tier.objects.all(), **more, **kwargs})

    def label_from_instance(self, obj: Tier) -> str:
        """Its number with its name."""
        return f"{obj}, {obj.name.lower()}"
