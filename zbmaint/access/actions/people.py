"""What can be done to people. Every action is one transaction, keeps its record, and refuses in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from zbmaint.access import leaving
from zbmaint.access.models import Density, Person, Role, Theme
from zbmaint.access.powers import Refused, lock_roles, managers_left, powers_of, refuse
from zbmaint.access.rules import why_not_give, why_not_retire, why_not_touch, why_not_without_manager
from zbmaint.audit.record import record

__all__ = ["Details", "Profile", "Refused"]


@dataclasses.dataclass(frozen=True)
class Details:
    """What those who manage people decide about a person. `tier` is 1, 2, 3 or None; `time_zone` an IANA name."""

    username: str
    role: Role
    name: str = ""
    email: str = ""
    tier: int | None = None
    time_zone: str = "UTC"


@dataclasses.dataclass(frozen=True)
class Profile:
    """What people decide about themselves."""

    name: str
    email: str
    time_zone: str
    theme: str = Theme.SYSTEM
    density: str = Density.COMPACT
    single_keys: bool = True


@transaction.atomic
def create(details: Details, *, password: str | None, actor: Person | None) -> Person:
    """Make a person; without `password` they cannot sign in until one is set. `actor` None: the product itself.

    Raises Refused when the role may do more than the actor's, ValidationError when a detail is not valid.
    """
    lock_roles()
    if actor is not None:
        refuse(why_not_give(powers_of(actor.role), powers_of(details.role)))
    person = Person(**_fields(details))
    person.set_password(password)
    person.full_clean()
    person.save()
    record(
        "person_created", person, actor, after={**_facts(person, _fields(details)), "can_sign_in": password is not None}
    )
    return person


@transaction.atomic
def create_first_admin(password: str) -> Person | None:
    """Make the person `admin` on an empty installation; None when anybody exists already."""
    lock_roles()
    if Person.objects.exists():
        return None
    role = Role.objects.get(key="admin")
    return create(Details(username="admin", name="Administrator", role=role), password=password, actor=None)


def change(person: Person, details: Details, *, actor: Person) -> Person:
    """Change what is decided about a person. Raises Refused, ValidationError."""

    def decide(locked: Person) -> None:
        refuse(why_not_give(powers_of(actor.role), powers_of(details.role)) if locked.role != details.role else None)

    return _rewrite(person, "person_changed", _fields(details), actor=actor, decide=decide)


def retire(person: Person, *, actor: Person) -> Person:
    """End a person's access; what they did keeps their name. Their sessions end. Raises Refused.

    What other parts of the product do then (see `zbmaint.access.leaving`) belongs to the same transaction; the person
    that is returned says it in `aftermath`.
    """

    def decide(locked: Person) -> None:
        refuse(why_not_retire(is_self=locked.pk == actor.pk))

    if person.retired_at is not None:
        return person
    with transaction.atomic():
        left = _rewrite(person, "person_retired", {"retired_at": timezone.now()}, actor=actor, decide=decide)
        left.aftermath = leaving.tell(left)
    return left


def restore(person: Person, *, actor: Person) -> Person:
    """Let a retired person sign in again. Raises Refused."""
    return _rewrite(person, "person_restored", {"retired_at": None}, actor=actor)


@transaction.atomic
def set_password(person: Person, password: str, *, actor: Person) -> Person:
    """Set a password (validated by the form); all sessions of the person end. Raises Refused."""
    lock_roles()
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.pk != actor.pk:
        refuse(why_not_touch(powers_of(actor.role), powers_of(locked.role)))
    locked.set_password(password)
    locked.save(update_fields=["password"])
    record("password_changed", locked, actor)
    return locked


@transaction.atomic
def change_profile(person: Person, **values: Any) -> Person:
    """Change what people decide about themselves: any fields of `Profile`. Raises ValidationError, TypeError."""
    unknown = values.keys() - {field.name for field in dataclasses.fields(Profile)}
    if unknown:
        raise TypeError(f"not a field of a profile: {', '.join(sorted(unknown))}")
    locked = Person.objects.select_for_update().get(pk=person.pk)
    return _write(locked, "profile_changed", values, actor=person)


@transaction.atomic
def _rewrite(
    person: Person,
    verb: str,
    values: dict[str, Any],
    *,
    actor: Person,
    decide: Callable[[Person], None] | None = None,
) -> Person:
    """Lock, ask the rules, write, and see that somebody is left who manages people."""
    lock_roles()
    # No key changes: whoever writes what refers to this person needs not wait, nor we for them in a circle.
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse(why_not_touch(powers_of(actor.role), powers_of(locked.role)))
    if decide is not None:
        decide(locked)
    _write(locked, verb, values, actor=actor)
    refuse(why_not_without_manager(managers_left()))
    return locked


def _write(person: Person, verb: str, values: dict[str, Any], *, actor: Person) -> Person:
    """Write the values that differ, with an audit entry; nothing differs: nothing is written."""
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    if not changed:
        return person
    before = _facts(person, changed)
    for name, value in changed.items():
        setattr(person, name, value)
    person.full_clean(exclude={field.name for field in Person._meta.fields} - changed.keys())
    person.save(update_fields=list(changed))
    record(verb, person, actor, before=before, after=_facts(person, changed))
    return person


def _fields(details: Details) -> dict[str, Any]:
    return {field.name: getattr(details, field.name) for field in dataclasses.fields(details)}


def _facts(person: Person, names: dict[str, Any]) -> dict[str, Any]:
    """The present values of the fields `names`, as an audit entry keeps them."""
    facts: dict[str, Any] = {}
    for name in names:
        value = getattr(person, name)
        facts[name] = value if isinstance(value, str | int | bool | None) else str(value)
    return facts
