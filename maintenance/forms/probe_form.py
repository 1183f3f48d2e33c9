"""The form of a probe: what all kinds have, and the parameters of each. The action checks; nothing is saved here."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms

from maintenance.actions.probes import Details, mark
from maintenance.forms.marked_form import MarkedForm
from maintenance.models import Component, Probe, Target
from maintenance.probes.catalog import KINDS, choices
from maintenance.probes.kind import Kind, Parameter


def field_of(kind: Kind, parameter: Parameter) -> str:
    """The name of a parameter's field."""
    return f"{kind.key}_{parameter.name}"


def fields_of(kind: Kind) -> list[str]:
    """The names of the fields of a kind's parameters."""
    return [field_of(kind, parameter) for parameter in kind.parameters]


def _field(parameter: Parameter) -> forms.Field:
    # Only the fields of one kind are filled in, so none can be required; the action asks for what is missing.
    shared: dict[str, Any] = {
        "label": parameter.label,
        "help_text": parameter.help,
        "required": False,
        "initial": parameter.default,
    }
    match parameter.form:
        case "number":
            return forms.IntegerField(**shared)
        case "flag":
            return forms.BooleanField(**shared)
        case "choice":
            return forms.ChoiceField(choices=list(parameter.choices), **shared)
        case _:
            return forms.CharField(widget=forms.TextInput(attrs={"class": "vTextField"}), **shared)


class ProbeForm(MarkedForm[Probe]):
    """What is decided about a probe."""

    kind = forms.ChoiceField(choices=choices, help_text="What is looked at. It stays.")
    component = forms.ChoiceField(
        choices=[("", "That of its kind"), *Component.choices],
        label="Part of the platform",
        required=False,
        help_text="Where the health page shows it.",
    )

    class Meta:
        model = Probe
        fields = (
            "name",
            "kind",
            "target",
            "severity",
            "component",
            "critical",
            "slo_percent",
            "interval_seconds",
            "timeout_seconds",
            "confirmations",
            "slow_ms",
            "planned_until",
            "planned_reason",
        )
        labels = {
            "interval_seconds": "Interval (s)",
            "timeout_seconds": "Time-out (s)",
            "slow_ms": "Slow from (ms)",
            "planned_reason": "Planned work",
            "slo_percent": "Uptime aimed at (%)",
        }
        help_texts = {
            "name": "What people call it; alerts begin with it.",
            "target": "What it belongs to. One of PostgreSQL or of an application uses the target's credentials.",
            "severity": "Of the ticket that an outage opens.",
            "critical": "The system counts as down while one of the critical ones is.",
            "slo_percent": "What its error budget comes from, such as 99.9. Empty: none.",
            "interval_seconds": "From 5 seconds to a day.",
            "timeout_seconds": "For a whole look; shorter than the interval.",
            "confirmations": "Failures in a row until it is an outage. The outage begins with the first of them.",
            "slow_ms": "An answer that takes longer is degraded. Empty: never.",
            "planned_until": "Until then an outage raises no alert; it is read all the same.",
            "planned_reason": "What is done meanwhile.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = KINDS.get(self.instance.kind)
        for parameter in kind.parameters if kind else ():
            if parameter.name in self.instance.parameters:
                self.initial[field_of(kind, parameter)] = self.instance.parameters[parameter.name]  # type: ignore[arg-type]  # there are no parameters without a kind
        if "target" in self.fields:
            self.fields["target"].queryset = Target.objects.active()  # type: ignore[attr-defined]  # a choice of models
        if self.instance.pk and "kind" in self.fields:
            del self.fields["kind"]

    def mark(self, instance: Probe) -> str:
        """The mark of a probe."""
        return mark(instance)

    def details(self) -> Details:
        """The values for the action."""
        given = self.cleaned_data
        kind = KINDS[self.instance.kind if self.instance.pk else given["kind"]]
        parameters = {parameter.name: given.get(field_of(kind, parameter)) for parameter in kind.parameters}
        others = {field.name for field in fields(Details)} - {"kind", "parameters"}
        return Details(kind=kind.key, parameters=parameters, **{name: given[name] for name in others})


# What each kind asks for is known to the kinds; a form has to be told.
for _kind in KINDS.values():
    for _parameter in _kind.parameters:
        ProbeForm.base_fields[field_of(_kind, _parameter)] = _field(_parameter)
        ProbeForm.declared_fields[field_of(_kind, _parameter)] = _field(_parameter)
