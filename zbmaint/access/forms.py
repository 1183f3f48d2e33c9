"""Forms of people about themselves. What managers fill in lives in `admin_forms.py`."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from zbmaint.access.models import Density, Person, Theme


class SignInForm(AuthenticationForm):
    """Username and password; says the same whatever was wrong, so that names cannot be found out."""

    remember = forms.BooleanField(required=False)
    error_messages = {
        "invalid_login": "Username or password is not right. Both tell capital letters from small ones.",
        "inactive": "Username or password is not right. Both tell capital letters from small ones.",
    }

    @property
    def person(self) -> Person:
        """Who signed in, once the form is valid."""
        person = self.get_user()
        if not isinstance(person, Person):
            raise ValidationError("nobody signed in")
        return person


class ProfileForm(forms.ModelForm[Person]):
    """A person's own profile."""

    class Meta:
        model = Person
        fields = ["name", "email", "time_zone", "theme", "density", "single_keys"]
        labels = {"time_zone": "Time zone", "single_keys": "Use single-key shortcuts", "density": "Rows"}
        help_texts = {"time_zone": "Written like Africa/Harare. Pages show UTC; the clock shows this zone beside it."}
        widgets = {
            "theme": forms.RadioSelect,
            "density": forms.RadioSelect,
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        }
        error_messages = {"email": {"invalid": "Write the address like name@example.org."}}

    @property
    def zones(self) -> list[str]:
        """The names to choose from, for the field's list of suggestions."""
        return sorted(zoneinfo.available_timezones())


class PreferencesForm(forms.Form):
    """One or more of the choices that the shell offers on every page."""

    theme = forms.ChoiceField(choices=Theme.choices, required=False)
    density = forms.ChoiceField(choices=Density.choices, required=False)
    single_keys = forms.ChoiceField(choices=[("on", "on"), ("off", "off")], required=False)

    def chosen(self) -> dict[str, Any]:
        """The choices that were sent, as fields of a profile."""
        sent = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: value == "on" if name == "single_keys" else value for name, value in sent.items()}


class OwnPasswordForm(PasswordChangeForm):
    """A person's own new password. The view saves it through the action, never `save()`."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "This is not your present password.",
        "password_mismatch": "The two new passwords are not the same.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new, again = self.fields["new_password1"], self.fields["new_password2"]
        self.fields["old_password"].label = "Present password"
        new.help_text = "At least 10 characters, none of the common ones, and nothing like your name or e-mail."
        again.label, again.help_text = "New password again", ""
