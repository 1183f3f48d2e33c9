"""What a person says who asks for a maintenance window. The action decides; this form reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from maintenance.actions.windows import LONGEST_REASON, Wanted
from maintenance.models import Probe
from zbmaint.ui.moments import MomentInput


class WindowForm(forms.Form):
    """Which services may be down, from when until when, and why. Times are UTC."""

    services = forms.ModelMultipleChoiceField(
        Probe.objects.filter(retired_at__isnull=True),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one service that is worked on."},
    )
    begins_at = forms.DateTimeField(
        label="From",
        required=False,
        help_text="UTC; empty: now.",
        widget=MomentInput(),
    )
    ends_at = forms.DateTimeField(
        label="Until",
        help_text="UTC. Outages after it count again.",
        widget=MomentInput(),
        error_messages={"required": "Say until when the work goes on."},
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        error_messages={"required": "Say why: whoever sees the service down will ask."},
    )
    use_required_attribute = False

    def wanted(self) -> Wanted:
        """The values for the action; call after `is_valid`."""
        given: dict[str, Any] = self.cleaned_data
        return Wanted(
            services=list(given["services"]),
            begins_at=given["begins_at"] or timezone.now().replace(second=0, microsecond=0),
            ends_at=given["ends_at"],
            reason=given["reason"],
        )
