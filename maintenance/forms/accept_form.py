"""What a person says with the acceptance of a finding. The action decides; this form reads."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone

from maintenance.forms.asking import ReasonForm
from maintenance.rules.finding_states import first_day, last_day

USUAL = dt.timedelta(days=56)  # eight weeks: a release or two


class AcceptForm(ReasonForm):
    """A reason and the last day."""

    until = forms.DateField(
        label="Accept until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the last day of the acceptance.", "invalid": "Write it like 2026-04-30."},
    )
    field_order = ("until", "reason")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own
        first, last = first_day(today()), last_day(today())
        until = self.fields["until"]
        until.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        until.help_text = f"To the end of this day, UTC; at most until {last.isoformat()}. Then it is open again."
        self.fields["reason"].label = "Why it may stay"


def today() -> dt.date:
    """Today in UTC."""
    return timezone.now().date()


def usual_end() -> dt.date:
    """The last day that is offered."""
    return today() + USUAL
