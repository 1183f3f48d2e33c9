"""What a person says with a pause, a skip or a freeze. The actions decide; these forms read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from maintenance.models import Category, Target
from zbmaint.ui.moments import MomentInput

WHY = {"required": "Say why: whoever finds it will ask."}


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(max_length=200, error_messages=WHY, widget=forms.TextInput(attrs={"autofocus": True}))
    use_required_attribute = False


class PauseForm(ReasonForm):
    """A reason and the day on which it starts again."""

    until = forms.DateField(
        label="Starts again on",
        help_text="At 00:00 UTC of this day, by itself. A pause without an end is forgotten.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day on which it starts again.", "invalid": "Write it like 2026-04-30."},
    )


class FreezeForm(forms.Form):
    """What is frozen, from when until when, and why. Times are UTC."""

    scope = forms.ChoiceField(
        choices=[("everything", "Everything"), ("chosen", "What is chosen below")],
        initial="everything",
        widget=forms.RadioSelect,
    )
    targets = forms.ModelMultipleChoiceField(
        Target.objects.active(), required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label="Kinds of maintenance"
    )
    begins_at = forms.DateTimeField(
        label="From",
        required=False,
        help_text="UTC; empty: now.",
        widget=MomentInput(),
    )
    ends_at = forms.DateTimeField(
        label="Until",
        help_text="UTC. It ends by itself then, and can be lifted before.",
        widget=MomentInput(),
        error_messages={"required": "Say until when: a freeze without an end is forgotten."},
    )
    reason = forms.CharField(
        max_length=200, error_messages={"required": "Say why: it stands on every page while the freeze holds."}
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """A freeze of chosen things needs one; an empty choice must never become a freeze of everything."""
        given = super().clean() or {}
        if given.get("scope") == "chosen" and not (given.get("targets") or given.get("categories")):
            self.add_error("scope", "Choose a target or a kind of maintenance below, or freeze everything.")
        return given

    def details(self) -> dict[str, Any]:
        """The values for the action; call after `is_valid`."""
        given, chosen = self.cleaned_data, self.cleaned_data["scope"] == "chosen"
        return {
            "reason": given["reason"],
            "begins_at": given["begins_at"] or timezone.now().replace(second=0, microsecond=0),
            "ends_at": given["ends_at"],
            "targets": given["targets"] if chosen else (),
            "categories": given["categories"] if chosen else (),
        }


def tomorrow() -> dt.date:
    """The first day until which a pause may last."""
    return timezone.now().date() + dt.timedelta(days=1)
