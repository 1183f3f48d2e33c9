"""Forms of those who manage people and roles."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.db.models import Q

from zbmaint.access.action_admin import ActionForm
from zbmaint.access.actions.people import Details
from zbmaint.access.actions.roles import RoleDetails
from zbmaint.access.models import Person, Role
from zbmaint.access.permissions import GROUPS, WORDS
from zbmaint.ui.words import label


class PersonForm(ActionForm[Person]):
    """What is decided about a person."""

    class Meta:
        model = Person
        fields = ["username", "name", "email", "role", "tier", "time_zone"]
        help_texts = {
            "username": "Letters, digits and @ . + - _. It is what they sign in with.",
            "role": "Decides what they may do.",
            "time_zone": "An IANA name such as Africa/Harare.",
        }

    def details(self) -> Details:
        """The values for the action."""
        return Details(**{field.name: self.cleaned_data[field.name] for field in fields(Details)})


class NewPersonForm(PersonForm):
    """A new person, with a password or without."""

    new_password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty for somebody who shall not sign in yet. They can change it themselves.",
    )

    def clean_new_password(self) -> str | None:
        """The password, None when there is none."""
        given: str = self.cleaned_data["new_password"]
        if not given:
            return None
        validate_password(given, self.instance)
        return given


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A password for somebody else. The view saves it through the action, never `save()`."""

    error_messages = {"password_mismatch": "The two passwords are not the same."}
    rules = staticmethod(password_validators_help_text_html)


def offered() -> dict[str, Permission]:
    """The permissions that mean something here, by name."""
    wanted = Q()
    for name in WORDS:
        app, _, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    rows = Permission.objects.filter(wanted).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in rows}


class RoleForm(ActionForm[Role]):
    """What a role is and what its holders may do."""

    permissions = forms.ModelMultipleChoiceField(
        queryset=Permission.objects.none(), required=False, label="May", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Role
        fields = ["key", "name", "description", "rank", "grants_everything", "permissions"]
        help_texts = {"key": "Short name for scripts. It stays.", "rank": "Orders roles in lists, lowest first."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("permissions")
        if not isinstance(field, forms.ModelMultipleChoiceField):
            return  # shown to somebody who may only read
        rows = offered()
        field.queryset = Permission.objects.filter(pk__in=[row.pk for row in rows.values()])
        field.choices = [
            (group.title, [(rows[name].pk, label(words)) for name, words in group.permissions if name in rows])
            for group in GROUPS
        ]

    def details(self) -> RoleDetails:
        """The values for the action. Permissions that the form does not offer stay as they are."""
        given = self.cleaned_data
        shown = [row.pk for row in offered().values()]
        kept = self.instance.permissions.exclude(pk__in=shown) if self.instance.pk else ()
        return RoleDetails(
            key=given.get("key", self.instance.key),
            name=given["name"],
            description=given["description"],
            rank=given["rank"],
            grants_everything=given["grants_everything"],
            permissions=frozenset(given["permissions"]) | frozenset(kept),
        )
