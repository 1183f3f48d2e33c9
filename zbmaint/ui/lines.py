"""Fields for lists and for names with values, as people type them: one a line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": rows, "cols": 40}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """The list as text; what was typed stays as it was typed."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """The list of the lines that are not empty."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def clean(self, value: Any) -> Any:
        """The list; ValidationError when a needed one is empty."""
        given = self.to_python(value)
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        return given

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another list was typed, however its lines end."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class PairsField(LinesField):
    """Names with values, one `name=value` a line; gives a dict of texts."""

    def prepare_value(self, value: Any) -> Any:
        """The dict as text."""
        return "\n".join(f"{key}={value[key]}" for key in value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """The dict. ValidationError names a line that is no pair, or a name that comes twice."""
        if isinstance(value, dict):
            return {str(key): str(given) for key, given in value.items()}
        pairs: dict[str, str] = {}
        for line in super().to_python(value):
            key, sign, given = line.partition("=")
            if not sign or not key.strip():
                raise ValidationError(f"“{line}” is no name=value. Write one a line, such as jobs=4.")
            if key.strip() in pairs:
                raise ValidationError(f"{key.strip()} stands here twice.")
            pairs[key.strip()] = given.strip()
        return pairs
