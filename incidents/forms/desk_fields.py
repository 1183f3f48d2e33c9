"""Fields of the desk's forms: lengths of time, the hours of a day, holidays, tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from incidents.rules import hours, lengths
from incidents.rules.hours import BadHours
from incidents.rules.lengths import BadLength
from zbmaint.ui.lines import LinesField


class LengthField(forms.CharField):
    """A length of time such as `15 min`, `4 h` or `2 days`; gives minutes, None when it is empty."""

    widget = forms.TextInput(attrs={"size": 10})

    def prepare_value(self, value: Any) -> Any:
        """Minutes as text; what was typed stays as it was typed."""
        return lengths.written(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """The minutes."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return lengths.read(text)
        except BadLength as wrong:
            raise ValidationError(str(wrong)) from wrong

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another length was typed, however it is written."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class HoursField(forms.CharField):
    """The hours of a day such as `08:00-12:00, 13:00-17:00`; gives [from, to] in minutes, none when it is shut."""

    widget = forms.TextInput(attrs={"size": 40})

    def prepare_value(self, value: Any) -> Any:
        """The spans as text."""
        return hours.written(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The spans."""
        if isinstance(value, list):
            return value
        try:
            return hours.read(super().to_python(value) or "")
        except BadHours as wrong:
            raise ValidationError(str(wrong)) from wrong

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other hours were typed."""
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class HolidaysField(LinesField):
    """Holidays, one a line such as `2026-12-25 Christmas Day`; gives [date, name] pairs."""

    def prepare_value(self, value: Any) -> Any:
        """The pairs as text."""
        return "\n".join(" ".join(pair).strip() for pair in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The pairs in order. ValidationError names the line that is wrong."""
        if isinstance(value, list):
            return value
        try:
            return hours.read_holidays(super().to_python(value))
        except BadHours as wrong:
            raise ValidationError(str(wrong)) from wrong


class WordsField(forms.CharField):
    """Short words, by comma; gives a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.TextInput(attrs={"class": "vTextField"}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """The list as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The list."""
        if isinstance(value, list):
            return value
        return [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words were typed."""
        return bool(self.to_python(data) != (initial or []))
