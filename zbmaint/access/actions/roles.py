"""What can be done to roles. Every action is one transaction, keeps its record, and refuses in words."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction

from zbmaint.access.models import Person, Role
from zbmaint.access.powers import lock_roles, managers_left, powers_of, refuse
from zbmaint.access.rules import Powers, why_not_grant, why_not_without_manager
from zbmaint.audit.record import record

NOTHING = Powers(everything=False, permissions=frozenset())


@dataclasses.dataclass(frozen=True)
class RoleDetails:
    """What a role is. `rank` orders roles in lists, lowest first."""

    key: str
    name: str
    description: str
    rank: int
    grants_everything: bool
    permissions: frozenset[Permission]


@transaction.atomic
def create(details: RoleDetails, *, actor: Person) -> Role:
    """Make a role. Raises Refused when it would hold more than the actor does, ValidationError."""
    lock_roles()
    role = Role(**_fields(details))
    role.full_clean()
    role.save()
    role.permissions.set(details.permissions)
    refuse(why_not_grant(powers_of(actor.role), NOTHING, powers_of(role)))
    record("role_created", role, actor, after=_facts(role))
    return role


@transaction.atomic
def change(role: Role, details: RoleDetails, *, actor: Person) -> Role:
    """Change a role and what its holders may do. Raises Refused, ValidationError."""
    lock_roles()
    locked = Role.objects.get(pk=role.pk)
    holds, had, before = powers_of(actor.role), powers_of(locked), _facts(locked)
    for name, value in _fields(details).items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save()
    locked.permissions.set(details.permissions)
    refuse(why_not_grant(holds, had, powers_of(locked)))
    refuse(why_not_without_manager(managers_left()))
    after = _facts(locked)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        record(
            "role_changed",
            locked,
            actor,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return locked


def _fields(details: RoleDetails) -> dict[str, Any]:
    names = (field.name for field in dataclasses.fields(details) if field.name != "permissions")
    return {name: getattr(details, name) for name in names}


def _facts(role: Role) -> dict[str, Any]:
    return {
        "key": role.key,
        "name": role.name,
        "description": role.description,
        "rank": role.rank,
        "grants_everything": role.grants_everything,
        "permissions": sorted(powers_of(role).permissions),
    }
