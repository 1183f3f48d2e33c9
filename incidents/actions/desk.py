"""How what the desk is set up with is written: the row locked, what differs saved and recorded, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from incidents.actions.changing import as_fact
from zbmaint.access.models import Person
from zbmaint.audit.record import record

M = TypeVar("M", bound=Model)


@transaction.atomic
def make(
    row: M, verb: str, *, actor: Person | None, names: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> M:
    """Save a new row; `names` are the fields that people decide, with their values, `more` what else is recorded.

    Raises ValidationError.
    """
    row.full_clean()
    row.save(force_insert=True)
    record(verb, row, actor, after={name: as_fact(value) for name, value in names.items()} | dict(more or {}))
    return row


def locked(row: M) -> M:
    """The row as it is now, locked. No key changes: tickets that refer to it are written meanwhile."""
    manager = type(row)._default_manager
    found: M = manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    return found


def differing(row: Model, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the fields that differ from `wanted`; returns what they were and are, as an audit entry keeps them."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in wanted.items():
        present = getattr(row, name)
        if present != value:
            before[name], after[name] = as_fact(present), as_fact(value)
            setattr(row, name, value)
    return before, after


def keep(row: Model, verb: str, before: dict[str, Any], after: dict[str, Any], *, actor: Person | None) -> None:
    """Save and record what differs; nothing does: nothing is written. Raises ValidationError."""
    if after:
        row.full_clean()
        row.save()
        record(verb, row, actor, before=before, after=after)
