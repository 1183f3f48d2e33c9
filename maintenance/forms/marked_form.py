"""Forms of admin that know what they were opened with, so that nobody takes back unknowingly what others changed."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.db.models import Model

from zbmaint.access.action_admin import ActionForm

M = TypeVar("M", bound=Model)
SEEN = "seen"


class SeenField(forms.CharField):
    """The mark that the form was opened with. It is nothing that people change."""

    def __init__(self) -> None:
        super().__init__(required=False, label="", widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Never."""
        return False


class MarkedForm(ActionForm[M]):
    """A form that brings back the mark of what it showed, as `seen`; a new one has none. Subclasses say the mark."""

    seen = SeenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if SEEN in self.fields and self.instance.pk:
            self.initial[SEEN] = self.mark(self.instance)

    def mark(self, instance: M) -> str:
        """The mark of what is decided about `instance`."""
        raise NotImplementedError
