"""RunForm: what a person says about a run before it starts."""

from __future__ import annotations

from typing import Any

from django import forms

from maintenance.models import Target
from maintenance.task import Task
from maintenance.tasks.catalog import CATALOG

PREFIX = "param-"


class RunForm(forms.Form):
    """Task, target, dry run, and one whole number for each parameter of `task`; an empty number means its default."""

    task = forms.ChoiceField(
        choices=lambda: [(key, task.title) for key, task in CATALOG.items()],
        error_messages={"invalid_choice": "There is no task %(value)s. Choose one of the list."},
    )
    target = forms.ModelChoiceField(
        queryset=Target.objects.active(),
        to_field_name="name",
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": "There is no such target, or it is retired. Choose one of the list."},
    )
    dry_run = forms.BooleanField(required=False, label="Dry run: show the plan, change nothing")

    def __init__(self, *args: Any, about: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.about = about
        if about.needs:
            self.fields["target"].required = True
            self.fields["target"].error_messages["required"] = f"{about.title} needs a target. Choose one."
        for parameter in about.parameters:
            self.fields[PREFIX + parameter.key] = forms.IntegerField(
                label=parameter.label,
                required=False,
                initial=parameter.default,
                min_value=parameter.minimum,
                max_value=parameter.maximum,
                help_text=f"{parameter.minimum:,} to {parameter.maximum:,}, usually {parameter.default:,}.",
                error_messages={"invalid": "Enter a whole number."},
            )

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        """The bound fields of the task's parameters."""
        return [self[PREFIX + parameter.key] for parameter in self.about.parameters]

    @property
    def parameters(self) -> dict[str, int]:
        """The parameters that were filled in; call after `is_valid`."""
        keys = (parameter.key for parameter in self.about.parameters)
        given = {key: self.cleaned_data.get(PREFIX + key) for key in keys}
        return {key: value for key, value in given.items() if value is not None}


def task_of(key: str | None) -> Task:
    """The task named `key`; the first of the catalogue when there is none of that name."""
    return CATALOG.get(key or "", next(iter(CATALOG.values())))
