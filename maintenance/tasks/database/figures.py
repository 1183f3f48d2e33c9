"""Figures of the whole database: sizes, connections, the most modified tables. For the report and the tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import clock, size
from maintenance.rules.vacuum_need import AutovacuumSettings, age_is_critical
from maintenance.task import Context
from maintenance.tasks.database.obstacles import Obstacles
from maintenance.tasks.database.survey import USER_TABLE, Server, one, rows

FIGURES_OF: Final = """
SELECT pg_database_size(current_database()) AS size, pg_size_pretty(pg_database_size(current_database())) AS size_text,
       count(*) FILTER (WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition) AS tables,
       count(*) FILTER (WHERE c.relkind = 'r' AND c.relispartition) AS partitions
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {user_table}
"""
FIGURES: Final = FIGURES_OF.format(user_table=USER_TABLE)

# Our own sessions are not the database's users.
CONNECTIONS: Final = """
SELECT coalesce(state, 'not visible') AS state, count(*) AS number
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND NOT starts_with(application_name, %(ours)s)
GROUP BY 1 ORDER BY 2 DESC, 1
"""

MOST_MODIFIED: Final = """
SELECT format('%%I.%%I', schemaname, relname) AS table, n_tup_ins AS inserted, n_tup_upd AS updated,
       n_tup_del AS deleted, last_analyze, last_autoanalyze
FROM pg_stat_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
ORDER BY n_tup_ins + n_tup_upd + n_tup_del DESC, 1 LIMIT 10
"""

DATABASE_AGES: Final = """
SELECT datname, age(datfrozenxid) AS age FROM pg_database WHERE datname <> current_database()
"""


@dataclass(frozen=True)
class Figures:
    """Sizes in bytes; connections by state, our own left out."""

    size: int
    size_text: str
    tables: int
    partitions: int
    connections: dict[str, int]

    @property
    def active(self) -> int:
        """Connections that execute something."""
        return self.connections.get("active", 0)


def read_figures(session: Session, run_id: int) -> Figures:
    """Read them now."""
    found = rows(session, CONNECTIONS, {"ours": f"zbmaint:run-{run_id}:"})
    return Figures(**one(session, FIGURES), connections={row["state"]: row["number"] for row in found})


def read_most_modified(session: Session) -> list[dict[str, Any]]:
    """The ten tables with the most inserted, updated and deleted rows since the counters began; times as ISO 8601."""
    found = rows(session, MOST_MODIFIED)
    for row in found:
        for name in ("last_analyze", "last_autoanalyze"):
            row[name] = row[name].isoformat() if row[name] else None
    return found


def check_other_databases(session: Session, settings: AutovacuumSettings, obstacles: Obstacles) -> None:
    """Look at the ages of the server's other databases, templates included: the oldest one stops them all."""
    for row in rows(session, DATABASE_AGES):
        if row["age"] > settings.freeze_max_age:
            obstacles.database_age(
                row["datname"],
                row["age"],
                settings.freeze_max_age,
                critical=age_is_critical(settings, row["age"]),
            )


def state_figures(context: Context, server: Server, before: Figures, after: Figures, planned: int | None) -> None:
    """Put the figures into the tiles and the report; `planned` tables need a vacuum, None while that is not known."""
    needed = "" if planned is None else f"{planned:,} needed a vacuum"
    context.fact("database_size", "Database size", after.size, unit="bytes", note=f"{size(before.size)} at the start")
    context.fact("tables", "Tables", after.tables, note=needed)
    idle = sum(after.connections.values()) - after.active
    context.fact(
        "active_connections",
        "Active connections",
        after.active,
        note=f"{before.active:,} at the start, {idle:,} not active",
    )
    context.report(
        database=server.database,
        server_version=server.version,
        database_size_bytes=after.size,
        database_size=after.size_text,
        database_size_bytes_before=before.size,
        table_count=after.tables,
        partition_count=after.partitions,
        active_connections=after.active,
        connections=after.connections,
    )


def state_end(context: Context, status: str, seconds: float) -> None:
    """Put how it ended into the report."""
    context.report(status=status, maintenance_duration_seconds=round(seconds, 3), maintenance_duration=clock(seconds))
