"""What stands around an index just before it is rebuilt: privileges, disk, transactions, locks, standbys."""

from __future__ import annotations

from typing import Final

from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import duration
from maintenance.rules.reindex_policy import Conditions, Limits
from maintenance.tasks.database.blockers import lock_holder
from maintenance.tasks.database.disk import free_bytes
from maintenance.tasks.database.index_survey import Index
from maintenance.tasks.database.survey import Server, one, rows

# An index is rebuilt by its owner. MAINTAIN would do for the REINDEX itself from PostgreSQL 17 on, but what an
# interrupted one leaves behind can be dropped by the owner alone.
PRIVILEGES: Final = """
SELECT pg_has_role(c.relowner, 'USAGE') AS owns, pg_get_userbyid(c.relowner) AS owner,
       has_schema_privilege(c.relnamespace, 'USAGE') AS may_use_schema,
       (SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::int8
        FROM pg_stat_replication) AS lag
FROM pg_class c WHERE c.oid = %(oid)s
"""

# Only this database's: REINDEX CONCURRENTLY waits for no other. It does not wait for the snapshot of a vacuum either.
OLDEST: Final = """
SELECT pid, application_name AS name, usename::text AS "user", NULL AS gid,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
  AND xact_start < clock_timestamp() - make_interval(secs => %(seconds)s)
  AND pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum v)
UNION ALL
SELECT NULL, NULL, owner::text, gid, extract(epoch FROM clock_timestamp() - prepared)::float8
FROM pg_prepared_xacts
WHERE database = current_database() AND prepared < clock_timestamp() - make_interval(secs => %(seconds)s)
ORDER BY seconds DESC LIMIT 1
"""


def read_conditions(session: Session, server: Server, index: Index, limits: Limits, seconds_left: float) -> Conditions:
    """Read them on a session that may be any of the run's."""
    privileges = one(session, PRIVILEGES, {"oid": index.oid})
    holder = lock_holder(session, index.table_oid)
    role = sql.Identifier(server.user).as_string()
    grant = f"GRANT {sql.Identifier(privileges['owner']).as_string()} TO {role};"
    if not privileges["may_use_schema"]:
        grant = f"GRANT USAGE ON SCHEMA {sql.Identifier(index.schema).as_string()} TO {role};"
    return Conditions(
        may_rebuild=privileges["owns"] and privileges["may_use_schema"],
        exclusion=index.kept_for == "an exclusion constraint",
        free_disk=free_bytes(session, index.oid),
        transaction=_oldest_transaction(session, limits.transaction_seconds),
        lock=holder.who if holder else "",
        cannot_see=""
        if server.sees_other_sessions
        else f"old transactions cannot be seen; GRANT pg_monitor TO {role};",
        lag_bytes=privileges["lag"],
        seconds_left=seconds_left,
        why_not_allowed=f"no privilege; {grant}",
    )


def _oldest_transaction(session: Session, seconds: float) -> str:
    """Who has a transaction open for longer than that, in words; empty for nobody."""
    found = rows(session, OLDEST, {"seconds": seconds})
    if not found:
        return ""
    row = found[0]
    who = (
        f"pid {row['pid']} ({row['name'] or 'no application name'}, {row['user']}) has a transaction"
        if row["gid"] is None
        else f"prepared transaction {row['gid']} of {row['user']} is"
    )
    return f"{who} open for {duration(row['seconds'])}"
