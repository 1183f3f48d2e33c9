"""What a person says with what they do to a ticket. Each form carries the version that they had before their eyes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.forms.fields import LongTextField
from incidents.models import ResolutionCode
from zbmaint.access.models import Person
from zbmaint.ui.moments import MomentInput

UNTIL = {"required": "Say until when.", "invalid": "Write it like 2026-04-30 14:00, in UTC."}
AGAIN = "This form has been changed on its way. Open the ticket again."


class ActionForm(forms.Form):
    """The version that was seen, and where to go afterwards (a path of ours; empty: to the ticket)."""

    version = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages={"required": AGAIN, "invalid": AGAIN, "min_value": AGAIN, "max_value": AGAIN},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    use_required_attribute = False

    def see(self, version: int) -> None:
        """Let it be sent again knowingly: with the same text, and with the version as it is now."""
        self.say(version=str(version))

    def say(self, **values: str) -> None:
        """Let it be shown with these values instead of those that were sent."""
        sent = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**sent, **values}


class ReasonForm(ActionForm):
    """A reason."""

    reason = LongTextField(rows=3)


class HandForm(ReasonForm):
    """A criterion of those that are `known`, and a reason."""

    criterion = forms.ChoiceField(
        error_messages={"required": "Choose a criterion.", "invalid_choice": "“%(value)s” is none of the criteria."}
    )
    field_order: Iterable[str] = ("criterion", "reason", "version", "next")

    def __init__(self, known: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose one"), *((each, each) for each in known)]
        self.fields["criterion"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class VendorForm(HandForm):
    """Who outside gets it, and whether its clocks stand still meanwhile."""

    vendor = forms.CharField(
        max_length=120,
        help_text="The vendor, or who decides.",
        error_messages={"required": "Say who: the vendor, or who decides."},
    )
    reference = forms.CharField(max_length=120, required=False, help_text="Their number for it, if they gave one.")
    contact = forms.CharField(
        max_length=200,
        help_text="A name, an address or a number.",
        error_messages={"required": "Say whom to ask about it: a name, an address or a number."},
    )
    until = forms.DateTimeField(
        label="Pause until",
        required=False,
        help_text="UTC; empty: its clocks run on.",
        widget=MomentInput(),
        error_messages=UNTIL,
    )
    field_order = ("criterion", "vendor", "reference", "contact", "reason", "until", "version", "next")


class PauseForm(ActionForm):
    """What it waits for, and until when."""

    until = forms.DateTimeField(
        label="Goes on at",
        help_text="UTC. By itself then, or when somebody lets it go on before.",
        widget=MomentInput(),
        error_messages=UNTIL,
    )
    reason = forms.CharField(
        label="What it waits for", max_length=300, error_messages={"required": "Say what it waits for."}
    )
    field_order = ("until", "reason", "version", "next")


class ResolveForm(ActionForm):
    """How it ended, and what helped."""

    code = forms.ChoiceField(
        label="How it ended",
        choices=[("", "Choose one"), *ResolutionCode.choices],
        error_messages={"required": "Choose how it ended.", "invalid_choice": "“%(value)s” is no way to end."},
    )
    note = LongTextField(rows=4, label="What fixed it", help_text="Whoever has this next will look here. Markdown.")
    field_order = ("code", "note", "version", "next")


class AssignForm(ActionForm):
    """Who gets it. `people` are offered with what there is to say of each; the action refuses whom it must."""

    assignee = forms.CharField(required=False)
    field_order = ("assignee", "version", "next")

    def __init__(self, people: Iterable[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].widget = forms.Select(choices=[("", "Nobody"), *people])

    def clean_assignee(self) -> Person | None:
        """The person by that username; none for an empty one."""
        username = self.cleaned_data["assignee"]
        if not username:
            return None
        person = Person.objects.select_related("role").filter(username=username).first()
        if person is None:
            raise forms.ValidationError(f"There is nobody called “{username}”.")
        return person


class LinkForm(ActionForm):
    """What it has to do with."""

    target = forms.CharField(
        label="Ticket or address",
        max_length=500,
        help_text="A number such as INC-1193, or an address that begins with https://.",
        error_messages={"required": "Say what to link: a number such as INC-1193, or an address."},
    )
    label = forms.CharField(required=False, max_length=200, help_text="What an address is called. Empty: itself.")
    field_order = ("target", "label", "version", "next")


def in_an_hour(now: dt.datetime) -> dt.datetime:
    """The end of a pause that is offered, to the minute."""
    return (now + dt.timedelta(hours=1)).replace(second=0, microsecond=0)
