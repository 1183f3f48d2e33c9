"""The form of a person's availability."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.actions.loads import who_may_work
from incidents.actions.responders import ResponderDetails
from incidents.models import Responder
from zbmaint.access.action_admin import ActionForm
from zbmaint.access.models import Person
from zbmaint.ui.moments import MomentInput


class ResponderForm(ActionForm[Responder]):
    """Until when a person is away, and how many open tickets they can have."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), help_text="Somebody who may work on tickets, of whom nothing is said here yet."
    )
    away_until = forms.DateTimeField(
        required=False,
        widget=MomentInput(),
        help_text="In UTC. Until then no ticket is given to them by itself. Empty: they are here.",
    )

    class Meta:
        model = Responder
        fields = ("person", "away_until", "away_reason", "open_cap")
        help_texts = {
            "away_reason": "Shown on tickets for which they were passed over.",
            "open_cap": "Empty: as many as the tier says. 0: none by themselves.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(field := self.fields.get("person"), forms.ModelChoiceField):
            field.queryset = who_may_work().filter(responder=None)

    def details(self) -> ResponderDetails:
        """The values for the action."""
        given = self.cleaned_data
        return ResponderDetails(given["away_until"], given["away_reason"], given["open_cap"])
