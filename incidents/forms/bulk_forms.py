"""What a person says with what they do to many tickets at once. Each ticket carries the version that they saw."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from incidents.actions.bulk import why_not_so_many
from incidents.forms.action_forms import ActionForm, AssignForm, HandForm, ResolveForm
from incidents.forms.fields import SeverityField, TagsField

CHANGED: Final = "This form has been changed on its way. Choose the tickets in the list again."
_CHOSEN: Final = re.compile(r"(\d{1,18})v(\d{1,9})", re.ASCII)


class Chosen(NamedTuple):
    """A ticket by its number, in the version that was seen. Reads `1193v4`."""

    number: int
    version: int


def read_chosen(text: str) -> Chosen | None:
    """The ticket that `text` names; None when it names none."""
    found = _CHOSEN.fullmatch(text)
    return Chosen(int(found[1]), int(found[2])) if found else None


class ChosenField(forms.Field):
    """The tickets that were chosen in a list, each once, in their order."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[Chosen]:
        """The tickets; ValidationError for none, for too many, and for what names none."""
        if not value:
            raise ValidationError("Choose at least one ticket.")
        found = [read_chosen(str(each)) for each in value]
        if None in found:
            raise ValidationError(CHANGED)
        chosen = {each.number: each for each in found if each}
        if why := why_not_so_many(len(chosen)):
            raise ValidationError(why)
        return list(chosen.values())


class BulkForm(ActionForm):
    """Which tickets, and where to go afterwards."""

    version = None  # type: ignore[assignment]  # each ticket has its own
    ticket = ChosenField(label="Tickets")

    @property
    def why_not(self) -> str:
        """What is wrong with the choice itself, which no field of the form can mend."""
        return " ".join(map(str, self.errors.get("ticket", ())))


class BulkAssignForm(BulkForm, AssignForm):
    """And who gets them."""


class BulkEscalateForm(BulkForm, HandForm):
    """And by which criterion, and why."""


class BulkResolveForm(BulkForm, ResolveForm):
    """And how they ended, and what helped."""


class BulkSeverityForm(BulkForm):
    """And how bad they are."""

    severity = SeverityField()


class BulkTagForm(BulkForm):
    """And which tags they get beside those that they have."""

    tags = TagsField()

    def clean_tags(self) -> tuple[str, ...]:
        """At least one."""
        tags: tuple[str, ...] = self.cleaned_data["tags"]
        if not tags:
            raise ValidationError("Say which: words with commas between them.")
        return tags
