"""`record(...)`: writes one audit entry, inside the transaction of the action that calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from zbmaint.access.models import Person
from zbmaint.audit.middleware import client_address
from zbmaint.audit.models import AuditEntry

SECRET_WORDS = ("password", "secret", "token")
NAMESAKES = frozenset({"category"})  # what models in two of our apps are called
Facts = dict[str, Any]


def record(
    verb: str,
    target: models.Model,
    actor: Person | None,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> AuditEntry:
    """Record that `actor` (None: the product itself) did `verb` to `target`.

    `before` and `after` hold JSON-ready values of what changed. Values of keys that name a secret are left out.
    """
    return record_all([said(verb, target, actor, before=before, after=after)])[0]


def record_all(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Record by one statement what `said` has put into words."""
    return AuditEntry.objects.bulk_create(entries)


def said(
    verb: str,
    target: models.Model,
    actor: Person | None,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> AuditEntry:
    """The entry of `record`, not written yet."""
    return AuditEntry(
        actor=actor,
        actor_name=actor.username if actor else "zbmaint",
        address=client_address.get(),
        verb=verb,
        target_kind=kind_of(target),
        target_id=str(target.pk),
        target_label=str(target)[:200],
        before=_without_secrets(before),
        after=_without_secrets(after),
    )


def kind_of(model: models.Model | type[models.Model]) -> str:
    """What an entry calls a thing of this model: `ticket`, or with its app where two have one, `incidents.category`."""
    name = model._meta.model_name or ""
    return model._meta.label_lower if name in NAMESAKES else name


def _without_secrets(facts: Facts | None) -> Facts | None:
    if facts is None:
        return None
    return {
        key: "(not recorded)" if any(word in key.lower() for word in SECRET_WORDS) else value
        for key, value in facts.items()
    }
