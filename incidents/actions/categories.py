"""What may be done to a category: made, changed, retired, restored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents.actions.desk import differing, keep, locked, make
from incidents.models import Category, Tier
from zbmaint.access.models import Person


@dataclass(frozen=True)
class CategoryDetails:
    """What people decide about a category. `first_tier` None: its tickets begin in tier 1."""

    name: str
    position: int = 0
    first_tier: Tier | None = None

    def facts(self) -> dict[str, Any]:
        """By field."""
        return {"name": self.name, "position": self.position, "first_tier": self.first_tier}


def create(key: str, details: CategoryDetails, *, actor: Person | None) -> Category:
    """Make a category; its key stays. Raises ValidationError."""
    facts = {"key": key, **details.facts()}
    return make(Category(**facts), "ticket_category_created", actor=actor, names=facts)


@transaction.atomic
def change(category: Category, details: CategoryDetails, *, actor: Person) -> Category:
    """Change a category, also of the tickets that have it. Raises ValidationError."""
    row = locked(category)
    before, after = differing(row, details.facts())
    keep(row, "ticket_category_changed", before, after, actor=actor)
    return row


def retire(category: Category, *, actor: Person) -> Category:
    """No ticket gets it any more; those that have it keep it."""
    return _set_retired(category, timezone.now(), "ticket_category_retired", actor)


def restore(category: Category, *, actor: Person) -> Category:
    """Let tickets have it again."""
    return _set_retired(category, None, "ticket_category_restored", actor)


@transaction.atomic
def _set_retired(category: Category, at: dt.datetime | None, verb: str, actor: Person) -> Category:
    row = locked(category)
    if (row.retired_at is None) != (at is None):
        before, after = differing(row, {"retired_at": at})
        keep(row, verb, before, after, actor=actor)
    return row
