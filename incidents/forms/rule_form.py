"""The form of an assignment rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from incidents.actions.assignment_rules import RuleDetails, last_position
from incidents.actions.loads import who_may_work
from incidents.forms.desk_fields import WordsField
from incidents.models import AssignmentRule, Category, Severity
from incidents.rules import patterns
from zbmaint.access.action_admin import ActionForm
from zbmaint.access.models import Person

COLUMNS = (
    *("position", "name", "active", "tier", "severities", "categories", "tags", "pattern", "source"),
    *("when", "calendar", "assign", "person"),
)


class RuleForm(ActionForm[AssignmentRule]):
    """What a ticket must be like, and who gets it then."""

    severities = forms.MultipleChoiceField(
        choices=Severity.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="One of these. None: any severity.",
    )
    categories = forms.ModelMultipleChoiceField(
        queryset=Category.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="One of these. None: any category, or none.",
    )
    tags = WordsField(help_text="By comma; one of these is enough. Empty: any.")
    person = forms.ModelChoiceField(queryset=Person.objects.none(), required=False, help_text="For “A person” only.")

    class Meta:
        model = AssignmentRule
        fields = COLUMNS
        labels = {"when": "Hours", "assign": "Who gets it", "active": "Is asked"}
        help_texts = {
            "position": "Rules are asked in this order; the first that names somebody who can take the ticket wins.",
            "tier": "Empty: any tier.",
            "pattern": "A regular expression, found in title or description, in capitals or not. Empty: any text.",
            "source": "Where the ticket comes from, such as maintenance. Empty: from anywhere.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        if isinstance(field := self.fields.get("person"), forms.ModelChoiceField):
            field.queryset = Person.objects.filter(Q(pk__in=who_may_work().values("pk")) | Q(pk=rule.person_id))
        if isinstance(field := self.fields.get("categories"), forms.ModelMultipleChoiceField):
            kept = Q(pk__in=rule.categories.values("pk")) if rule.pk else Q(pk=None)
            field.queryset = Category.objects.filter(Q(retired_at=None) | kept)
        if not rule.pk:
            self.initial.setdefault("position", last_position())

    def clean_pattern(self) -> str:
        """The pattern, unless it is none."""
        pattern: str = self.cleaned_data["pattern"]
        if pattern and (problem := patterns.why_not(pattern)):
            raise forms.ValidationError(problem)
        return pattern

    def details(self) -> RuleDetails:
        """The values for the action."""
        given = {name: self.cleaned_data[name] for name in COLUMNS}
        return RuleDetails(**given | {name: tuple(given[name]) for name in ("severities", "categories", "tags")})
