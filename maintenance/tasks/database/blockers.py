"""Who stands in the way: the session that locks a table, and what keeps dead rows from being removed.

Each comes with the statement that ends it and can end nothing else: a pid alone may belong to another session by then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import duration
from maintenance.tasks.database.inspection import IN_THE_WAY
from maintenance.tasks.database.survey import rows

TERMINATE: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = {pid} AND backend_start = '{start}';"
)

LOCK_HOLDER_WITH: Final = """
SELECT l.pid, a.application_name, a.usename, a.state, a.backend_type, a.backend_start,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds, x.gid
FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'
                          AND t.virtualtransaction = l.virtualtransaction
     LEFT JOIN pg_prepared_xacts x ON x.transaction = t.transactionid
WHERE l.locktype = 'relation' AND l.relation = %(oid)s AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.mode IN {in_the_way}
ORDER BY a.xact_start NULLS FIRST LIMIT 1
"""
LOCK_HOLDER: Final = LOCK_HOLDER_WITH.format(in_the_way=IN_THE_WAY)

# Only what VACUUM itself heeds for an ordinary table: this database's snapshots and transactions, and slots' xmin (a
# slot's catalog_xmin holds the catalogues alone). VACUUM does not wait for another VACUUM's snapshot.
XMIN_HOLDERS: Final = """
SELECT 'session' AS kind, pid, application_name AS name, usename::text AS "user", state, backend_start,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
       greatest(age(backend_xmin), age(backend_xid)) AS age
FROM pg_stat_activity
WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
  AND backend_type <> 'walsender'
  AND datname = current_database() AND pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum v)
  AND NOT (application_name LIKE 'zbmaint:run-%%' AND xact_start > %(since)s)
UNION ALL
SELECT 'prepared transaction', NULL, gid, owner::text, NULL, NULL,
       extract(epoch FROM clock_timestamp() - prepared)::float8, age(transaction)
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'replication slot', active_pid, slot_name::text, NULL, CASE WHEN active THEN 'active' ELSE 'inactive' END, NULL,
       NULL, age(xmin)
FROM pg_replication_slots WHERE xmin IS NOT NULL
UNION ALL
SELECT 'standby', pid, application_name, usename::text, state, backend_start, NULL, age(backend_xmin)
FROM pg_stat_replication WHERE backend_xmin IS NOT NULL
ORDER BY age DESC NULLS LAST LIMIT 1
"""


@dataclass(frozen=True)
class Blocker:
    """Who it is in words, a name for it that stays the same from run to run, and the statement that ends it."""

    who: str
    subject: str
    fix: str


def lock_holder(session: Session, oid: int) -> Blocker | None:
    """Find who holds a lock on the table that VACUUM had to skip it for; None when it is gone already."""
    found = rows(session, LOCK_HOLDER, {"oid": oid})
    if not found:
        return None
    row = found[0]
    if row["pid"] is None:
        return _prepared(row["gid"] or "unknown", "")
    return _session(row["pid"], row["application_name"], row["usename"], row)


def xmin_holder(session: Session, since: dt.datetime) -> Blocker | None:
    """Find what holds the oldest snapshot that VACUUM has to respect; None when nothing (visible) does any more.

    `since` is the start of the VACUUM: statements of our own runs that began later did not hold it.
    """
    found = rows(session, XMIN_HOLDERS, {"since": since})
    if not found:
        return None
    row = found[0]
    name = row["name"]
    if row["kind"] == "session":
        return _session(row["pid"], name, row["user"], row)
    if row["kind"] == "prepared transaction":
        return _prepared(name, f" of {row['user']}, {duration(row['seconds'])} old")
    if row["kind"] == "replication slot":
        drop = sql.SQL("SELECT pg_drop_replication_slot({});").format(name).as_string()
        return Blocker(
            f"replication slot {name} ({row['state']})",
            f"replication slot {name}",
            f"-- once its consumer is gone for good:\n{drop}" if row["state"] == "active" else drop,
        )
    return Blocker(
        f"standby {name}, which reports the oldest snapshot of its queries",
        f"standby {name}",
        "-- on the standby: end its longest query, or\nALTER SYSTEM SET hot_standby_feedback = off;",
    )


def _session(pid: int, application: str | None, user: str | None, row: dict[str, Any]) -> Blocker:
    name, role = application or "no application name", user or row.get("backend_type") or "unknown user"
    what = f"{row['state']} for {duration(row['seconds'])}" if row["state"] and row["seconds"] is not None else ""
    return Blocker(
        who=f"pid {pid} ({name}, {role})" + (f", {what}" if what else ""),
        subject=f"session of {role}, {name}",
        fix=TERMINATE.format(pid=pid, start=row["backend_start"].isoformat()) if row["backend_start"] else "",
    )


def _prepared(gid: str, more: str) -> Blocker:
    rollback = sql.SQL("ROLLBACK PREPARED {};").format(gid).as_string()
    return Blocker(f"prepared transaction {gid}{more}", f"prepared transaction {gid}", rollback)
