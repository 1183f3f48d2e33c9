"""What goes on in a PostgreSQL server now: sessions, who waits for whom, connections. Reads, and waits for nothing."""

from __future__ import annotations

from typing import Any, Final

from maintenance.connectors.postgres import Session, open_session
from maintenance.rules.query_text import without_literals

SESSIONS_SHOWN: Final = 20
SECONDS: Final = ("transaction_seconds", "query_seconds")

SERVER: Final = """
SELECT current_setting('server_version') AS server_version, current_database() AS database,
       pg_is_in_recovery() AS is_standby,
       extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::int AS up_seconds,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS usable_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used_connections,
       (SELECT count(*) FROM pg_prepared_xacts) AS prepared_transactions
"""

# Whoever does something or waits, the longest first; sessions that are merely connected are counted, not listed.
SESSIONS: Final = """
SELECT pid, usename AS "user", application_name AS application, datname AS database, state,
       nullif(concat_ws(': ', wait_event_type, wait_event), '') AS waits_for,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_seconds,
       extract(epoch FROM clock_timestamp() - query_start)::float8 AS query_seconds,
       CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END AS blocked_by,
       left(query, 2000) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
ORDER BY xact_start NULLS LAST
"""

LOCKS: Final = """
SELECT l.pid, l.mode, l.granted, l.relation::regclass::text AS relation
FROM pg_locks l
WHERE l.locktype = 'relation' AND l.pid = ANY(%(pids)s) AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY l.granted, l.pid LIMIT 60
"""


def read_activity(reference: str) -> dict[str, Any]:
    """JSON-ready: `server`, `sessions` (longest transaction first), `blockers` (pids that others wait for), `locks`.

    Statements are without their literals. Raises ConnectionProblem, or psycopg.Error when the server gives up.
    """
    with open_session(reference, application_name="zbmaint:snapshot", read_only=True) as session:
        return activity(session)


def activity(session: Session) -> dict[str, Any]:
    """The same, on an open session."""
    server = session.execute(SERVER).fetchone() or {}
    rows = session.execute(SESSIONS).fetchall()
    blockers = sorted({pid for row in rows for pid in row["blocked_by"]})
    shown = [row for row in rows if row["blocked_by"] or row["pid"] in blockers]
    shown += [row for row in rows if row not in shown]
    involved = [pid for row in rows if row["blocked_by"] for pid in (row["pid"], *row["blocked_by"])]
    return {
        "server": server,
        "sessions": [_session(row) for row in shown[:SESSIONS_SHOWN]],
        "sessions_in_all": len(rows),
        "blockers": blockers,
        "locks": session.execute(LOCKS, {"pids": involved}).fetchall() if involved else [],
    }


def _session(row: dict[str, Any]) -> dict[str, Any]:
    seconds = {name: round(row[name], 1) if row[name] is not None else None for name in SECONDS}
    return {**row, **seconds, "query": without_literals(row["query"] or "")}
