"""The form of a tier: who answers, and how soon."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from incidents.actions.loads import who_may_work
from incidents.actions.tiers import Target, TierDetails
from incidents.forms.desk_fields import LengthField
from incidents.models import Severity, Tier
from zbmaint.access.action_admin import ActionForm
from zbmaint.access.models import Person
from zbmaint.ui.lines import LinesField

COLUMNS = ("name", "responsibilities", "criteria", "calendar", "on_call", "open_cap")
# Of each severity: the column, its label, whether it is needed.
WHAT = {
    "response": ("response_minutes", "First response", True),
    "resolution": ("resolution_minutes", "Resolution", False),
    "pause": ("pause_cap_minutes", "Pauses at most", True),
}


def target_fields() -> dict[str, forms.Field]:
    """The three fields of each severity, by name, such as `critical_response`."""
    return {
        f"{severity}_{what}": LengthField(label=words, required=needed)
        for severity in Severity.values
        for what, (_, words, needed) in WHAT.items()
    }


# Form classes are made from what their bodies hold; these twelve are alike.
TargetsForm: Any = type("TargetsForm", (forms.Form,), target_fields())


class TierForm(TargetsForm, ActionForm[Tier]):  # type: ignore[misc]  # of a class that is made
    """What is decided about a tier, with its targets."""

    responsibilities = LinesField(
        rows=6, required=True, help_text="One a line. A ticket is handed back for one of them."
    )
    criteria = LinesField(
        label="Escalation criteria",
        rows=5,
        required=True,
        help_text="One a line. A ticket is escalated for one of them.",
    )
    on_call = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        required=False,
        help_text="Gets what no rule gives to somebody: people of this tier or of none who may work on tickets.",
    )

    class Meta:
        model = Tier
        fields = COLUMNS
        help_texts = {"calendar": "Targets count its hours only. Empty: around the clock."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier = self.instance
        if isinstance(field := self.fields.get("on_call"), forms.ModelChoiceField):
            # Who is on call is offered even when they could not be chosen any more, so that the form shows what is.
            able = Q(pk__in=who_may_work().values("pk")) & (Q(tier=tier.pk) | Q(tier=None))
            field.queryset = Person.objects.filter(able | Q(pk=tier.on_call_id))
        for target in tier.targets.all():
            for what, (column, _, _) in WHAT.items():
                self.initial.setdefault(f"{target.severity}_{what}", getattr(target, column))

    def details(self) -> TierDetails:
        """The values for the action."""
        given = self.cleaned_data
        targets = {
            severity: Target(**{column: given[f"{severity}_{what}"] for what, (column, _, _) in WHAT.items()})
            for severity in Severity.values
        }
        return TierDetails(**{name: given[name] for name in COLUMNS}, targets=targets)
