"""The freeze: made, lifted, and asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from maintenance.models import Category, Freeze, Target
from zbmaint.access.models import Person
from zbmaint.audit.record import record


class FreezeRefused(Exception):
    """The freeze cannot be made or lifted. The message is for people."""


@transaction.atomic
def begin(
    *,
    actor: Person,
    reason: str,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    targets: Iterable[Target] = (),
    categories: Iterable[Category] = (),
) -> Freeze:
    """Make a freeze; without targets and categories it holds everything. Raises FreezeRefused."""
    targets, categories = list(targets), list(categories)
    if not reason.strip():
        raise FreezeRefused("Say why: the reason stands on every page while the freeze holds.")
    if ends_at <= begins_at:
        raise FreezeRefused("It must end after it begins.")
    if ends_at <= timezone.now():
        raise FreezeRefused("Its end has passed already.")
    freeze = Freeze.objects.create(
        everything=not (targets or categories),
        begins_at=begins_at,
        ends_at=ends_at,
        reason=reason.strip()[:200],
        made_by=actor,
    )
    freeze.targets.set(targets)
    freeze.categories.set(categories)
    scope = [*(target.name for target in targets), *(category.key for category in categories)] or ["everything"]
    facts = {"from": begins_at.isoformat(), "until": ends_at.isoformat(), "reason": freeze.reason, "scope": scope}
    record("freeze_made", freeze, actor, after=facts)
    return freeze


@transaction.atomic
def lift(freeze: Freeze, *, actor: Person) -> Freeze:
    """End a freeze now. Raises FreezeRefused when it has ended."""
    freeze = Freeze.objects.select_for_update().get(pk=freeze.pk)
    now = timezone.now()
    if freeze.lifted_at is not None or freeze.ends_at <= now:
        raise FreezeRefused("It has ended already.")
    freeze.lifted_at, freeze.lifted_by = now, actor
    freeze.save()
    record("freeze_lifted", freeze, actor)
    return freeze


def holding(now: dt.datetime) -> list[Freeze]:
    """The freezes that hold at `now`, with their scopes, the one that ends last first."""
    rows = Freeze.objects.holding(now).prefetch_related("targets", "categories")
    return list(rows.order_by("-ends_at"))


def over(freezes: Iterable[Freeze], target: Target | None, category: Category | None) -> Freeze | None:
    """The first of `freezes` whose scope holds work on `target` or of `category`."""
    for freeze in freezes:
        if (
            freeze.everything
            or (target is not None and target in freeze.targets.all())
            or (category is not None and category in freeze.categories.all())
        ):
            return freeze
    return None
