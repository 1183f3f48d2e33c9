"""What maintenance installs by itself, each thing once."""

from __future__ import annotations

from django.db import transaction

from maintenance.actions import probes, schedules
from maintenance.models import Category, Probe, Severity, Target
from maintenance.models.target import OWN
from maintenance.rules.calendar import CATEGORIES, SCHEDULES, ShippedSchedule
from zbmaint.access.defaults import first_time
from zbmaint.audit.record import record


@transaction.atomic
def install() -> None:
    """Install the default target (the product's own database), the categories, the specification's calendar, and probes
    of the product's own parts."""
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
    for key, details in _probes().items():
        if first_time(f"probe:{key}") and not Probe.objects.filter(name=details.name).exists():
            probes.create(details, actor=None)


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


def _probes() -> dict[str, probes.Details]:
    own = Target.objects.filter(reference=OWN, retired_at__isnull=True).first()
    room = {"path": OWN, "degraded_percent": 15, "down_percent": 5, "degraded_gb": 0, "down_gb": 0}
    severity = Severity.CRITICAL
    found = {
        "cache": probes.Details("zbmaint's own cache", "redis", {"reference": OWN}, slow_ms=500),
        "disk": probes.Details("Disk of zbmaint's data", "disk", room, interval_seconds=60),
        "queue-short": _queue("short", degraded=60, down=300),
        # A run may take hours, and what waits behind it is late and not lost.
        "queue-long": _queue("long", degraded=3600, down=4 * 3600),
        "queue-runbook": _queue("runbook", degraded=120, down=900),
    }
    if own is not None:
        found["database"] = probes.Details(
            "zbmaint's own database", "postgres", target=own, slow_ms=1_000, severity=severity, critical=True
        )
    return found


def _queue(queue: str, *, degraded: int, down: int) -> probes.Details:
    limits = {"queue": queue, "degraded_seconds": degraded, "down_seconds": down}
    return probes.Details(f"Queue {queue}", "queue_lag", limits, interval_seconds=30)
