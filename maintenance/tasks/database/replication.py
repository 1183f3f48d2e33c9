"""Replication: slots that keep the server's log from being removed, and standbys that are far behind."""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from maintenance.rules.amounts import count, duration, size
from maintenance.task import Severity
from maintenance.tasks.database.part import Examination, Part
from maintenance.tasks.database.survey import rows

SLOT: Final = "replication_slot"
LAG: Final = "standby_behind"
MUCH: Final = 1 << 30  # bytes of log

HERE: Final = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"

SLOTS_OF: Final = """
SELECT slot_name AS name, slot_type AS kind, database, active, wal_status, safe_wal_size,
       greatest(pg_wal_lsn_diff({here}, restart_lsn), 0)::int8 AS kept_bytes, {inactive} AS inactive_seconds
FROM pg_replication_slots WHERE NOT temporary ORDER BY slot_name
"""
INACTIVE_17: Final = "extract(epoch FROM clock_timestamp() - inactive_since)::float8"
SLOTS_17: Final = SLOTS_OF.format(here=HERE, inactive=INACTIVE_17)
SLOTS_13: Final = SLOTS_OF.format(here=HERE, inactive="NULL::float8")

STANDBYS_OF: Final = """
SELECT application_name AS name, state, greatest(pg_wal_lsn_diff({here}, replay_lsn), 0)::int8 AS behind_bytes,
       extract(epoch FROM replay_lag)::float8 AS behind_seconds
FROM pg_stat_replication ORDER BY application_name
"""
STANDBYS: Final = STANDBYS_OF.format(here=HERE)


def look(examination: Examination) -> str:
    """Look at slots and standbys."""
    number = examination.server.number
    slots = rows(examination.session, SLOTS_17 if number >= 170000 else SLOTS_13)
    for row in slots:
        _slot(examination, row)
    standbys = rows(examination.session, STANDBYS)
    for row in standbys:
        if row["behind_bytes"] is not None and row["behind_bytes"] > MUCH:
            _behind(examination, row)
    return f"{count(len(slots), 'slot')}, {count(len(standbys), 'standby', 'standbys')}"


def _slot(examination: Examination, row: dict[str, Any]) -> None:
    title, severity = _trouble(row)
    if severity is None:
        return
    idle = f", for {duration(row['inactive_seconds'])}" if row["inactive_seconds"] is not None else ""
    state = "in use" if row["active"] else f"not in use{idle}"
    kept = f"It keeps {size(row['kept_bytes'])} of log" if row["kept_bytes"] is not None else "It keeps no log any more"
    rest = f"; {size(row['safe_wal_size'])} more and it is lost" if row["safe_wal_size"] is not None else ""
    drop = sql.SQL("SELECT pg_drop_replication_slot({});").format(row["name"]).as_string()
    examination.find(
        SLOT,
        f"replication slot {row['name']}",
        title,
        severity,
        detail=f"A {row['kind']} slot, {state}. {kept}{rest}; without a limit that fills the server's disk.",
        fix=f"-- start its consumer again, or, once that is gone for good:\n{drop}",
    )


def _trouble(row: dict[str, Any]) -> tuple[str, Severity | None]:
    name, kept = row["name"], row["kept_bytes"] or 0
    if row["wal_status"] == "lost":
        return f"Replication slot {name} is lost: its consumer has to be set up anew", "high"
    if row["wal_status"] == "unreserved":
        return f"Replication slot {name} is about to be lost", "critical"
    if not row["active"]:
        return (
            f"Replication slot {name} is not in use and keeps {size(kept)} of log",
            "high" if kept > MUCH else "medium",
        )
    if kept > 10 * MUCH:
        return f"Replication slot {name} keeps {size(kept)} of log", "medium"
    return "", None


def _behind(examination: Examination, row: dict[str, Any]) -> None:
    for_ = f", {duration(row['behind_seconds'])}" if row["behind_seconds"] is not None else ""
    examination.find(
        LAG,
        f"standby {row['name']}",
        f"Standby {row['name']} is {size(row['behind_bytes'])} behind{for_}",
        "medium",
        detail=f"It is {row['state']}. A failover to it now would lose what it has not replayed.",
        fix="-- on the standby: look for long queries that hold back replay, and at its disk and network",
    )


PARTS: Final = (Part("replication", "Replication slots and standbys", frozenset({SLOT, LAG}), look),)
