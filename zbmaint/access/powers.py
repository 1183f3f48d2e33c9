"""Reads from the database what the rules about people and roles need to know."""

from __future__ import annotations

from zbmaint.access.models import Person, Role
from zbmaint.access.rules import Powers


class Refused(Exception):
    """A rule says no; the message is one sentence for the person who tried. Nothing was changed."""


def refuse(reason: str | None) -> None:
    """Raise Refused when there is a reason to."""
    if reason is not None:
        raise Refused(reason)


def powers_of(role: Role) -> Powers:
    """What holders of `role` may do."""
    rows = role.permissions.values_list("content_type__app_label", "codename")
    return Powers(role.grants_everything, frozenset(f"{app}.{codename}" for app, codename in rows))


def lock_roles() -> None:
    """Let one transaction at a time change who may do what.

    Otherwise the last two people who manage people could retire each other at the same moment.
    """
    list(Role.objects.select_for_update().order_by("pk").values_list("pk"))


def managers_left() -> int:
    """How many people can sign in and manage people."""
    able = [role.pk for role in Role.objects.all() if powers_of(role).manages_people]
    people = Person.objects.active().filter(role__in=able)
    return sum(person.has_usable_password() for person in people)
