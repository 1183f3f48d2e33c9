"""What maintenance installs by itself, each thing once."""

from __future__ import annotations

from django.db import transaction

from maintenance.actions import schedules
from maintenance.models import Category, Target
from maintenance.models.target import OWN
from maintenance.rules.calendar import CATEGORIES, SCHEDULES, ShippedSchedule
from zbmaint.access.defaults import first_time
from zbmaint.audit.record import record


@transaction.atomic
def install() -> None:
    """Install the default target (the product's own database), the categories and the specification's calendar."""
    if first_time("target:own"):
        target, created = Target.objects.get_or_create(
            name="zbmaint",
            defaults={"title": "zbmaint's own database", "kind": Target.Kind.DATABASE, "reference": OWN},
        )
        if created:
            record("target_created", target, None, after={"name": target.name, "reference": target.reference})
    for rank, category in enumerate(CATEGORIES):
        if first_time(f"category:{category.key}"):
            facts = {
                "name": category.name,
                "description": category.description,
                "frequency": category.frequency,
                "trigger": category.trigger,
                "examples": list(category.examples),
                "rank": rank,
            }
            Category.objects.get_or_create(key=category.key, defaults=facts)
    for rank, shipped in enumerate(SCHEDULES):
        if first_time(f"schedule:{shipped.key}"):
            schedules.save(_draft(shipped, rank), actor=None)


def _draft(shipped: ShippedSchedule, rank: int) -> schedules.Draft:
    own = Target.objects.filter(reference=OWN).first()
    return schedules.Draft(
        key=shipped.key,
        name=shipped.name,
        category=Category.objects.get(key=shipped.category),
        when=shipped.when,
        rank=rank,
        tasks=tuple(
            schedules.TaskDraft(
                task=task.task,
                label=task.label,
                target=own if task.on_own_database else None,
                lateness_minutes=task.lateness,
                timeout_minutes=task.timeout,
                retries=task.retries,
                catch_up=task.catch_up,
                lock_groups=list(task.locks),
            )
            for task in shipped.tasks
        ),
    )
