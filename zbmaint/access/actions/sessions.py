"""Keeps the record of who signed in and out, and of who tried in vain."""

from __future__ import annotations

from zbmaint.access.models import Person
from zbmaint.audit.record import record


def signed_in(person: Person) -> None:
    """Record that `person` signed in."""
    record("signed_in", person, person)


def signed_out(person: Person) -> None:
    """Record that `person` signed out."""
    record("signed_out", person, person)


def sign_in_failed(username: str, *, locked: bool) -> None:
    """Record a sign-in that failed; `locked` when it was one too many and the name is now locked for a while.

    Only for somebody who exists: people type their password into the wrong field, and it must not be kept.
    """
    person = Person.objects.filter(username=username).first()
    if person is not None:
        record("sign_in_locked" if locked else "sign_in_failed", person, None)
