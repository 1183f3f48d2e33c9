"""One table, looked at just before and just after the statement that works on it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.tasks.database.statements import raise_if_lost
from maintenance.tasks.database.survey import may_maintain

# The statistics of servers before PostgreSQL 15 arrive late.
LAG_SECONDS: Final = 2.0
LAG_POLL_SECONDS: Final = 0.1
LOOK_TIMEOUT: Final = 10_000

# Locks that ShareUpdateExclusive, the lock of VACUUM and ANALYZE, has to wait for.
IN_THE_WAY: Final = """
('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""

# set_config: the limit counts from the next statement on, and saves that statement a round trip.
LOOK: Final = """
SELECT n.nspname AS schema, c.relname AS table, clock_timestamp() AS at,
       pg_get_userbyid(c.relowner) AS owner, {may_maintain} AS may_maintain,
       has_schema_privilege(n.oid, 'USAGE') AS may_use_schema,
       pg_stat_get_dead_tuples(c.oid) AS dead, greatest(age(c.relfrozenxid), age(t.relfrozenxid)) AS xid_age,
       greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)) AS mxid_age,
       pg_stat_get_last_vacuum_time(c.oid) AS last_vacuum, pg_stat_get_last_analyze_time(c.oid) AS last_analyze,
       l.locked, {bytes} AS bytes, set_config('statement_timeout', %(timeout)s::text, false) AS timeout
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
     CROSS JOIN LATERAL (SELECT {locked} AS locked OFFSET 0) l
WHERE c.oid = %(oid)s
"""
LOCKED_WITH: Final = """
EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.mode IN {in_the_way} AND l.pid IS DISTINCT FROM pg_backend_pid())
"""
LOCKED: Final = LOCKED_WITH.format(in_the_way=IN_THE_WAY)
# The size takes a lock on the table, and would wait for one that excludes everything.
BYTES_UNLESS_LOCKED: Final = "CASE WHEN NOT l.locked THEN pg_total_relation_size(c.oid) END"
BYTES: Final = "pg_total_relation_size(c.oid)"
NO_BYTES: Final = "NULL::int8"


@dataclass(frozen=True)
class Look:
    """A table as it is now. `at` is the server's clock; `bytes` counts its indexes and TOAST, None when locked."""

    schema: str
    table: str
    at: dt.datetime
    owner: str
    may_maintain: bool
    may_use_schema: bool
    dead: int
    xid_age: int
    mxid_age: int
    last_vacuum: dt.datetime | None
    last_analyze: dt.datetime | None
    locked: bool
    bytes: int | None
    timeout: str


def look(session: Session, oid: int, *, timeout: int = LOOK_TIMEOUT) -> Look | None:
    """Look at a table by oid, so that a rename does not matter; None when it was dropped.

    `timeout` (ms) limits the session's statements from the next one on. ConnectionLost when the session is gone.
    """
    return _look_or_lost(session, oid, timeout, LOCKED, BYTES_UNLESS_LOCKED)


def look_after(session: Session, oid: int, since: dt.datetime, *, analyze_only: bool = False) -> Look | None:
    """Look again until the work done after `since` shows in the statistics, at most 2 s."""
    deadline = time.monotonic() + LAG_SECONDS
    while True:
        # We have just worked on it, so that nobody excludes us; the list of locks is not worth its time.
        seen = _look_or_lost(session, oid, LOOK_TIMEOUT, "false", BYTES)
        if seen is None or is_proven(seen, since, analyze_only=analyze_only) or time.monotonic() > deadline:
            return seen
        time.sleep(LAG_POLL_SECONDS)


def is_proven(seen: Look, since: dt.datetime, *, analyze_only: bool = False) -> bool:
    """Whether the server's own record says that the table was worked on after `since`."""
    done = seen.last_analyze if analyze_only else seen.last_vacuum
    return done is not None and done > since


def _look_or_lost(session: Session, oid: int, timeout: int, locked: LiteralString, size: LiteralString) -> Look | None:
    try:
        try:
            return _look(session, oid, timeout, locked, size)
        except psycopg.errors.LockNotAvailable:
            # Somebody locked it, or an index of it, since.
            return _look(session, oid, timeout, LOCKED, NO_BYTES)
    except psycopg.Error as error:
        raise_if_lost(session, error)
        raise


def _look(session: Session, oid: int, timeout: int, locked: LiteralString, size: LiteralString) -> Look | None:
    query = LOOK.format(may_maintain=may_maintain(session.info.server_version), locked=locked, bytes=size)
    # Prepared: asked twice a table, and planning it takes longer than answering it.
    found = session.execute(query, {"oid": oid, "timeout": timeout}, prepare=True).fetchone()
    return Look(**found) if found else None
