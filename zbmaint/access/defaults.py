"""The roles that the product ships: who may do what, on one screen."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.db import transaction

from zbmaint.access.models import InstalledDefault, Role

READ = (
    "maintenance.view_run",
    "maintenance.view_finding",
    "maintenance.view_target",
    "maintenance.view_probe",
    "maintenance.view_schedule",
    "maintenance.view_runday",
    "maintenance.view_weeklyreport",
    "incidents.view_ticket",
    "incidents.view_source",
)
ANSWER = (*READ, "incidents.add_ticket", "incidents.change_ticket", "notifications.view_notice")
WORK = (
    *ANSWER,
    "maintenance.start_run",
    "maintenance.cancel_run",
    "maintenance.add_healthreport",
    "maintenance.add_maintenancewindow",
)
CHANGE = (
    *WORK,
    "maintenance.accept_finding",
    "maintenance.pause_schedule",
    "maintenance.skip_occurrence",
    "maintenance.add_freeze",
    "maintenance.change_freeze",
    "notifications.resend_notice",
)
PEOPLE = (
    "access.use_admin",
    "access.view_person",
    "access.view_role",
    "audit.view_auditentry",
    "notifications.view_notice",
)
ALERTING = ("incidents.add_source", "incidents.change_source")
GUIDE = (
    "incidents.view_vendorescalation",
    "incidents.view_tier",
    "maintenance.approve_maintenancewindow",
    "maintenance.add_weeklyreport",
)
CONFIGURE = (
    *PEOPLE,
    *GUIDE,
    "incidents.add_ticket",
    "incidents.change_ticket",
    "incidents.change_tier",
    *ALERTING,
    "access.add_person",
    "access.change_person",
    "access.change_role",
    "maintenance.add_target",
    "maintenance.change_target",
    "maintenance.add_probe",
    "maintenance.change_probe",
    "maintenance.add_schedule",
    "maintenance.change_schedule",
    "maintenance.change_category",
)


@dataclass(frozen=True)
class Shipped:
    """A role as shipped; permissions are `app.codename`."""

    key: str
    name: str
    description: str
    permissions: tuple[str, ...]
    grants_everything: bool = False


ROLES = (
    Shipped("viewer", "Viewer", "Reads everything that is not configuration", READ),
    Shipped("tier1", "Tier 1", "First line support", ANSWER),
    Shipped("tier2", "Tier 2", "Technical support, starts and cancels maintenance", WORK),
    Shipped("tier3", "Tier 3", "Engineering support, also accepts findings and halts maintenance", CHANGE),
    Shipped(
        "lead",
        "Lead",
        "Leads the support tiers, sees people and the audit log",
        (*CHANGE, *PEOPLE, *GUIDE, "incidents.change_tier", *ALERTING),
    ),
    Shipped("manager", "Manager", "Reads everything, sees people and the audit log", (*READ, *PEOPLE, *GUIDE)),
    Shipped("admin", "Admin", "Does everything", CONFIGURE, grants_everything=True),
)


def first_time(key: str) -> bool:
    """Record that the default `key` is installed; False when it was before, so that edits are never overwritten."""
    _, created = InstalledDefault.objects.get_or_create(key=key)
    return created


@transaction.atomic
def install() -> None:
    """Install the shipped roles and their permissions, each once."""
    rows = Permission.objects.select_related("content_type")
    known = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    for rank, shipped in enumerate(ROLES):
        if first_time(f"role:{shipped.key}"):
            Role.objects.get_or_create(
                key=shipped.key,
                defaults={
                    "name": shipped.name,
                    "description": shipped.description,
                    "rank": rank,
                    "grants_everything": shipped.grants_everything,
                },
            )
        role = Role.objects.filter(key=shipped.key).first()
        new = [known[name] for name in shipped.permissions if first_time(f"grant:{shipped.key}:{name}")]
        if role is not None:
            role.permissions.add(*new)
