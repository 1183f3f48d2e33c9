"""The authentication backend: username and password; permissions come from the person's role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from zbmaint.access.models import Person


class RoleBackend(BaseBackend):
    """Signs in people who are not retired. An unknown name costs as much time as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Person | None:
        """Return the person, or None when name, password or state do not allow it."""
        if username is None or password is None:
            return None
        person = Person.objects.filter(username=username).select_related("role").first()
        if person is None:
            Person().set_password(password)
            return None
        return person if person.check_password(password) and person.is_active else None

    def get_user(self, user_id: int) -> Person | None:
        """The signed-in person with the role; None once retired, which ends the session."""
        return Person.objects.signed_in(user_id)
