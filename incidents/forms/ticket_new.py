"""What a new ticket is made of, as people write it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from incidents.actions.opening import Draft
from incidents.forms.fields import CategoryField, LongTextField, SeverityField, TagsField, TierField, TitleField
from incidents.models import Severity
from zbmaint.access.models import Person

NEVER = {"invalid": "This form has been changed on its way. Load the page again, and keep what you have written."}


class NewTicketForm(forms.Form):
    """A ticket. `id` is given with the empty form, so that sending it twice makes one ticket."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages=NEVER)
    title = TitleField(help_text="One sentence on what does not work.")
    severity = SeverityField(initial=Severity.MEDIUM)
    category = CategoryField()
    tier = TierField()
    reporter = forms.CharField(
        max_length=150,
        help_text="Who says so: a username, or anybody’s name.",
        error_messages={"required": "Say who reports it."},
    )
    description = LongTextField(rows=8, help_text="Markdown; at most 20,000 characters.")
    tags = TagsField()
    use_required_attribute = False

    def draft(self) -> Draft:
        """What it says; call after `is_valid`. A reporter who is a person by that username is that person."""
        given: dict[str, Any] = dict(self.cleaned_data)
        tier = given.pop("tier")
        person = Person.objects.filter(username__iexact=given["reporter"].strip()).first()
        if person is not None:
            given["reporter"] = person.username
        return Draft(**given, tier=tier.number if tier else None, reported_by=person)


def blank(reporter: Person) -> NewTicketForm:
    """An empty one for a person, who reports it themselves unless they say otherwise."""
    form = NewTicketForm(initial={"id": uuid.uuid4(), "reporter": reporter.username})
    form.fields["title"].widget.attrs["autofocus"] = True
    return form
