"""The databases that the generated runs maintain: what they hold, and the targets that stand for them."""

from __future__ import annotations

from dataclasses import dataclass

from maintenance.actions import targets
from maintenance.models import Target
from maintenance.models.target import OWN
from zbmaint.dashboard.demo.period import DAY, Period

MB, GB = 1024**2, 1024**3


@dataclass(frozen=True)
class Table:
    """A table: its size in bytes, its rows, how many of them die between two runs, and how long its VACUUM takes."""

    name: str
    bytes: int
    rows: int
    dead: int
    seconds: float


@dataclass(frozen=True)
class Database:
    """A database as the task sees it. `reference` names a variable that nobody sets: nothing can be reached by it."""

    target: str
    title: str
    reference: str
    database: str
    version: str
    size: int
    table_count: int
    tables: tuple[Table, ...]


PLATFORM = Database(
    "zbinnovation",
    "ZbInnovation platform",
    "env:DEMO_ZBINNOVATION_URL",
    "zbinnovation",
    "18.1",
    42 * GB,
    34,
    (
        Table("public.sessions", 1126 * MB, 2_903_118, 48_210, 52),
        Table("public.notifications", 2365 * MB, 5_184_022, 31_870, 186),
        Table("public.posts", 9850 * MB, 12_840_311, 128_416, 540),
        Table("public.comments", 4147 * MB, 8_402_776, 7_940, 210),
        Table("public.users", 492 * MB, 214_380, 1_214, 19),
        Table("public.events", 6020 * MB, 31_008_114, 88_020, 301),
        Table("public.messages", 1820 * MB, 4_110_265, 12_480, 94),
    ),
)
REPORTS = Database(
    "zbinnovation-reports",
    "ZbInnovation reports",
    "env:DEMO_REPORTS_URL",
    "reports",
    "16.9",
    118 * GB,
    21,
    (
        Table("public.daily_figures", 3120 * MB, 9_114_002, 22_140, 140),
        Table("public.exports", 640 * MB, 402_118, 9_870, 31),
        Table("public.audit_log", 14_200 * MB, 58_400_912, 61_300, 410),
        Table("public.subscriptions", 210 * MB, 130_221, 2_610, 8),
    ),
)
OURS = Database(
    "",
    "",
    OWN,
    "zbmaint",
    "18.1",
    196 * MB,
    28,
    (
        Table("public.maintenance_run", 22 * MB, 12_480, 1_480, 0.4),
        Table("public.maintenance_logline", 64 * MB, 402_118, 1_120, 0.9),
        Table("public.django_session", 6 * MB, 2_204, 3_310, 0.2),
    ),
)
MAINTAINED = (PLATFORM, REPORTS)


def why_not() -> str:
    """Why the targets cannot be made, in words; empty when they can."""
    names = [database.target for database in MAINTAINED]
    there = sorted(Target.objects.filter(name__in=names).values_list("name", flat=True))
    return f"The target {', '.join(there)} exists already." if there else ""


def make(period: Period) -> dict[str, Target]:
    """Make them, as of a while before the period; by database. Ours is there already, unless it was removed."""
    made = {
        each.database: targets.create(targets.Details(each.target, each.reference, each.title), actor=None)
        for each in MAINTAINED
    }
    Target.objects.filter(pk__in=[target.pk for target in made.values()]).update(created_at=period.begins - 20 * DAY)
    ours = Target.objects.filter(reference=OWN).first()
    return made | ({OURS.database: ours} if ours else {})
