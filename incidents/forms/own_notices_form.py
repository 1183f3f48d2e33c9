"""The form of how a person is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from incidents.actions.own_notices import Preferences
from incidents.models import NoticePreferences, NoticeRule, Severity
from incidents.rules import notifying
from zbmaint.access.models import Person

LEAST = [(value, "All" if value == Severity.LOW else f"{label} and worse") for value, label in Severity.choices][::-1]
CHANNELS = [(notifying.EMAIL, "E-mail"), (notifying.CHAT, "Chat")]


class OwnNoticesForm(forms.Form):
    """A chat, quiet hours, and for every event its channels (`via_…`) and from which severity up (`least_…`).

    Reports have channels alone.
    """

    chat = forms.CharField(
        required=False,
        max_length=80,
        label="Chat",
        help_text="The name of the variable that has its address, such as CHAT_ANESU. Ask whoever runs the workers.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    quiet_from = forms.TimeField(required=False, label="Quiet from", widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_until = forms.TimeField(required=False, label="Quiet until", widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, person: Person, data: Mapping[str, Any] | None = None) -> None:
        row = NoticePreferences.objects.filter(person=person).first() or NoticePreferences(person=person)
        initial: dict[str, Any] = {
            name: f"{value:%H:%M}" if value and name != "chat" else value
            for name, value in (("chat", row.chat), ("quiet_from", row.quiet_from), ("quiet_until", row.quiet_until))
        }
        super().__init__(data, initial=initial)
        known = {rule.event: rule for rule in NoticeRule.objects.filter(person=person)}
        for event, label in notifying.EVENTS.items():
            rule = known.get(event)
            self.fields[f"via_{event}"] = forms.MultipleChoiceField(
                choices=CHANNELS,
                required=False,
                label=label,
                initial=rule.channels if rule else [notifying.EMAIL],
                widget=forms.CheckboxSelectMultiple,
            )
            self.fields[f"least_{event}"] = forms.ChoiceField(
                choices=LEAST,
                label=f"{label}: how bad",
                initial=rule.least if rule else Severity.LOW,
                widget=forms.Select(attrs={"aria-label": f"{label}: how bad it has to be"}),
            )
        self.reports = [event for event, report in notifying.REPORTS.items() if person.has_perm(report.permission)]
        for event in self.reports:
            rule = known.get(event)
            usual = notifying.usual_channels(event, person.has_perm)
            self.fields[f"via_{event}"] = forms.MultipleChoiceField(
                choices=CHANNELS,
                required=False,
                label=notifying.REPORTS[event].words,
                initial=rule.channels if rule else list(usual),
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def events(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each event."""
        return [(self[f"via_{event}"], self[f"least_{event}"]) for event in notifying.EVENTS]

    @property
    def report_fields(self) -> list[forms.BoundField]:
        """The field of each report that they may have."""
        return [self[f"via_{event}"] for event in self.reports]

    def preferences(self) -> Preferences:
        """The values for the action."""
        given = self.cleaned_data
        return Preferences(given["chat"].strip(), given["quiet_from"], given["quiet_until"])

    def wishes(self) -> dict[str, notifying.Wish]:
        """By event."""
        given = self.cleaned_data
        of_tickets = {
            event: notifying.Wish(tuple(given[f"via_{event}"]), given[f"least_{event}"]) for event in notifying.EVENTS
        }
        return of_tickets | {event: notifying.Wish(tuple(given[f"via_{event}"])) for event in self.reports}
