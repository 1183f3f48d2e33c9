"""What may be done to a category: worded differently."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from maintenance.models import Category
from zbmaint.access.models import Person
from zbmaint.audit.record import record


@dataclass(frozen=True)
class CategoryText:
    """What a category says."""

    name: str
    description: str
    frequency: str
    trigger: str
    examples: list[str]
    rank: int


@transaction.atomic
def word(category: Category, text: CategoryText, *, actor: Person) -> Category:
    """Give `category` another text. Recorded with what was before, unless nothing changes."""
    category = Category.objects.select_for_update().get(pk=category.pk)
    wanted = asdict(text)
    before = {name: getattr(category, name) for name in wanted}
    changed = [name for name in wanted if wanted[name] != before[name]]
    if not changed:
        return category
    for name in changed:
        setattr(category, name, wanted[name])
    category.save()
    record(
        "category_changed",
        category,
        actor,
        before={name: before[name] for name in changed},
        after={name: wanted[name] for name in changed},
    )
    return category
