"""The specification's calendar and its four categories, as data. `manage.py defaults` installs them, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ShippedCategory:
    """A kind of maintenance in the specification's words."""

    key: str
    name: str
    description: str
    frequency: str
    trigger: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ShippedTask:
    """One task of a shipped schedule. `label` is the specification's wording; times are minutes."""

    task: str
    label: str
    lateness: int
    timeout: int | None = None
    retries: int = 0
    catch_up: Literal["latest", "none"] = "latest"
    locks: tuple[str, ...] = ()
    on_own_database: bool = False


@dataclass(frozen=True)
class ShippedSchedule:
    """A schedule of the specification."""

    key: str
    name: str
    category: str
    when: str
    tasks: tuple[ShippedTask, ...]


CATEGORIES = (
    ShippedCategory(
        "preventive",
        "Preventive",
        "Scheduled maintenance to prevent issues",
        "Weekly, Monthly, Quarterly",
        "",
        ("Database optimization", "Cache cleanup", "Log rotation", "Security updates", "Performance tuning"),
    ),
    ShippedCategory(
        "corrective",
        "Corrective",
        "Reactive maintenance to fix issues",
        "",
        "Incident detection or user reports",
        ("Bug fixes", "Performance issues", "Security vulnerabilities", "Data corruption recovery"),
    ),
    ShippedCategory(
        "adaptive",
        "Adaptive",
        "Maintenance to adapt to changes",
        "",
        "Business requirements or technology changes",
        ("Feature updates", "API changes", "Infrastructure upgrades", "Compliance updates"),
    ),
    ShippedCategory(
        "perfective",
        "Perfective",
        "Maintenance to improve system quality",
        "Quarterly",
        "",
        ("Code refactoring", "Performance optimization", "User experience improvements", "Documentation updates"),
    ),
)

H = 60
SCHEDULES = (
    ShippedSchedule(
        "daily",
        "Daily maintenance",
        "preventive",
        "every day at 02:00",
        (
            ShippedTask("backup_verification", "Database backup verification", 6 * H, 60, 2, locks=("backup",)),
            ShippedTask("log_analysis", "Log analysis and cleanup", 6 * H, 30, 1, locks=("logs",)),
            ShippedTask("cache_review", "Cache statistics review", 2 * H, 10, 2, "none", ("cache",)),
            ShippedTask("security_scan", "Security scan results review", 12 * H, 20, 2),
            ShippedTask("cache_cleanup", "Clear expired cache entries", 2 * H, 10, 2, "none", ("cache",)),
            ShippedTask("temp_files", "Cleanup temporary files", 6 * H, 15, 1, "none", ("files",)),
            ShippedTask("app_metrics", "Update application metrics", 6 * H, 15, 1, "none"),
            ShippedTask("health_report", "Generate health report", 6 * H, 15, 1, "none"),
        ),
    ),
    ShippedSchedule(
        "weekly",
        "Weekly maintenance",
        "preventive",
        "every Sunday at 03:00",
        (
            ShippedTask(
                "database_maintenance",
                "Database maintenance (VACUUM, ANALYZE)",
                45,
                55,
                catch_up="none",
                on_own_database=True,
            ),
            ShippedTask("log_rotation", "Application log rotation", 24 * H, 15, 1, locks=("logs",)),
            ShippedTask("patch_assessment", "Security patch assessment", 24 * H, 20, 2),
            ShippedTask("performance_review", "Performance metrics review", 24 * H, 10, 1),
            ShippedTask("backup_restore_test", "Backup integrity testing", 12 * H, 4 * H, locks=("scratch",)),
            ShippedTask(
                "connection_optimization", "Optimize database connections", 24 * H, 10, 1, on_own_database=True
            ),
            ShippedTask("security_configuration", "Update security configurations", 24 * H, 10, 1),
        ),
    ),
    ShippedSchedule(
        "monthly",
        "Monthly maintenance",
        "preventive",
        "first Sunday of the month at 04:00",
        (
            ShippedTask("full_backup", "Full system backup", 3 * H, 4 * H, 1, locks=("backup",)),
            ShippedTask("vulnerability_assessment", "Security vulnerability assessment", 48 * H, 60, 2),
            ShippedTask("capacity_review", "Capacity planning review", 48 * H),
            ShippedTask("documentation_review", "Documentation updates", 48 * H),
            ShippedTask("disaster_recovery_test", "Disaster recovery testing", 24 * H, 6 * H, locks=("scratch",)),
        ),
    ),
    ShippedSchedule(
        "quarterly",
        "Quarterly maintenance",
        "perfective",
        "first Sunday of the quarter at 05:00",
        (
            ShippedTask("dependency_updates", "Major dependency updates", 72 * H, 60, 1),
            ShippedTask("infrastructure_review", "Infrastructure review", 72 * H),
            ShippedTask("security_audit", "Security audit", 72 * H),
            ShippedTask("performance_optimization", "Performance optimization", 72 * H, 30, 1),
            ShippedTask("business_continuity_test", "Business continuity testing", 72 * H),
        ),
    ),
    ShippedSchedule(
        "weekly-report",
        "Weekly report",
        "preventive",
        "every Monday at 08:00",
        (ShippedTask("weekly_report", "Weekly maintenance report", 24 * H, 5, 3),),
    ),
)
