"""The catalogue of tasks: one line each. What this version does not carry out yet is listed, and says so."""

from __future__ import annotations

from maintenance.models import Target
from maintenance.task import Task
from maintenance.tasks.app_metrics import app_metrics
from maintenance.tasks.connection_monitor import connection_monitor
from maintenance.tasks.connection_optimization import connection_optimization
from maintenance.tasks.database_maintenance import database_maintenance
from maintenance.tasks.health_report import health_report
from maintenance.tasks.index_maintenance import index_maintenance
from maintenance.tasks.weekly_report import weekly_report

CATALOG: dict[str, Task] = {
    task.key: task
    for task in (
        *(database_maintenance, index_maintenance, connection_monitor, connection_optimization),
        *(app_metrics, health_report, weekly_report),
    )
}

# Key -> title of the work that the calendar names and this version does not carry out.
NOT_CARRIED_OUT: dict[str, str] = {
    "backup_verification": "Backup verification",
    "backup_restore_test": "Backup integrity testing",
    "full_backup": "Full system backup",
    "security_configuration": "Security configuration",
    "log_analysis": "Log analysis and cleanup",
    "log_rotation": "Log rotation",
    "cache_review": "Cache statistics review",
    "cache_cleanup": "Expired cache entries",
    "temp_files": "Temporary files",
    "security_scan": "Security scan results review",
    "patch_assessment": "Security patch assessment",
    "vulnerability_assessment": "Security vulnerability assessment",
    "performance_review": "Performance metrics review",
    "capacity_review": "Capacity planning review",
    "documentation_review": "Documentation updates",
    "disaster_recovery_test": "Disaster recovery testing",
    "dependency_updates": "Major dependency updates",
    "infrastructure_review": "Infrastructure review",
    "security_audit": "Security audit",
    "performance_optimization": "Performance optimisation",
    "business_continuity_test": "Business continuity testing",
}


def title_of(key: str) -> str:
    """What people call the task `key`; the key itself when no version knows it."""
    task = CATALOG.get(key)
    return task.title if task else NOT_CARRIED_OUT.get(key, key)


def choices() -> list[tuple[str, str]]:
    """Every task that a schedule may name, as (key, title)."""
    return sorted(((key, title_of(key)) for key in (*CATALOG, *NOT_CARRIED_OUT)), key=lambda pair: pair[1])


def why_not_configured(key: str, target: Target | None) -> str:
    """What a run of `key` on `target` lacks, in words; empty when it could start."""
    task = CATALOG.get(key)
    if task is None:
        return f"this version does not carry out {title_of(key).lower()}."
    if task.needs and target is None:
        return f"{task.title} needs a target; choose a {task.needs} in the schedule."
    if target is not None and target.retired_at is not None:
        return f"the target {target} is retired."
    return ""
