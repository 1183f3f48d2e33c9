"""The forms of who is told, and of what nobody can wish away."""

from __future__ import annotations

from django import forms

from incidents.actions.stakeholders import MinimumDetails, StakeholderDetails
from incidents.models import NoticeMinimum, Severity, Stakeholder
from incidents.rules import notifying, tiers
from zbmaint.access.action_admin import ActionForm

CHANNELS = [(notifying.EMAIL, "E-mail"), (notifying.CHAT, "Chat")]


class StakeholderForm(ActionForm[Stakeholder]):
    """A group, somebody outside or a chat channel."""

    severities = forms.MultipleChoiceField(
        choices=Severity.choices, required=False, widget=forms.CheckboxSelectMultiple, help_text="None chosen: all."
    )
    tiers = forms.TypedMultipleChoiceField(
        choices=[(number, f"Tier {number}") for number in tiers.NUMBERS],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all.",
    )

    class Meta:
        model = Stakeholder
        fields = ("name", "channel", "address", "severities", "tiers", "active")
        help_texts = {
            "address": "An e-mail address; for a chat the name of the variable with its address: CHAT_OPERATIONS."
        }

    def details(self) -> StakeholderDetails:
        """The values for the action."""
        given = self.cleaned_data
        return StakeholderDetails(
            given["name"],
            given["channel"],
            given["address"].strip(),
            tuple(given["severities"]),
            tuple(given["tiers"]),
            given["active"],
        )


class NoticeMinimumForm(ActionForm[NoticeMinimum]):
    """An event, the channels, and from which severity up."""

    channels = forms.MultipleChoiceField(choices=CHANNELS, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = NoticeMinimum
        fields = ("event", "channels", "least")

    def details(self) -> MinimumDetails:
        """The values for the action."""
        given = self.cleaned_data
        return MinimumDetails(given["event"], tuple(given["channels"]), given["least"])
