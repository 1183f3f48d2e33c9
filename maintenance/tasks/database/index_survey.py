"""What the target says about its indexes. Waits for no lock: a table that somebody has all to himself is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.tasks.database.survey import USER_TABLE, rows

# Who holds it keeps even readers of the table, and of the catalogue's functions about it, waiting.
EXCLUDED_TABLES: Final = """
SELECT DISTINCT coalesce(i.indrelid, l.relation) FROM pg_locks l LEFT JOIN pg_index i ON i.indexrelid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock'
  AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

# CREATE INDEX and REINDEX CONCURRENTLY hold this lock on the table from beginning to end, whoever may see their
# progress. So do VACUUM and ANALYZE, but these are told apart by their pid.
BUILDING_ON: Final = """
SELECT l.relation FROM pg_locks l
WHERE l.locktype = 'relation' AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock')
  AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum UNION ALL SELECT pid FROM pg_stat_progress_analyze)
"""

INDEXES_OF: Final = """
WITH excluded AS MATERIALIZED ({excluded}), backing AS MATERIALIZED (
  SELECT conindid, bool_or(contype = 'x') AS exclusion FROM pg_constraint WHERE conindid <> 0 GROUP BY 1)
SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS table_oid, n.nspname AS schema, c.relname AS index,
       format('%%I.%%I', n.nspname, c.relname) AS name, format('%%I.%%I', n.nspname, t.relname) AS table,
       a.amname AS method, c.relkind = 'I' AS partitioned, c.relispartition AS partition,
       i.indisvalid AND i.indisready AS valid, i.indisunique AS unique,
       CASE WHEN i.indisprimary THEN 'a primary key' WHEN b.exclusion THEN 'an exclusion constraint'
            WHEN b.conindid IS NOT NULL THEN 'a constraint' WHEN i.indisunique THEN 'uniqueness'
            WHEN i.indisreplident AND t.relreplident = 'i' THEN 'the replica identity'
            WHEN i.indisclustered THEN 'CLUSTER'
            WHEN EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                         AND d.deptype = 'e') THEN 'an extension' ELSE '' END AS kept_for,
       array(SELECT concat_ws(' ', pg_get_indexdef(c.oid, k, false), i.indclass[k - 1], i.indcollation[k - 1],
                              i.indoption[k - 1], o.attoptions)
             FROM generate_series(1, i.indnkeyatts) k
                  LEFT JOIN pg_attribute o ON o.attrelid = c.oid AND o.attnum = k ORDER BY k) AS keys,
       array(SELECT pg_get_indexdef(c.oid, k, false) FROM generate_series(1, i.indnatts) k ORDER BY k) AS columns,
       coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
       pg_stat_get_numscans(c.oid) AS scans, pg_relation_size(c.oid) AS bytes
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_class t ON t.oid = i.indrelid JOIN pg_am a ON a.oid = c.relam LEFT JOIN backing b ON b.conindid = c.oid
WHERE {user_table} AND c.relkind IN ('i', 'I') AND i.indrelid NOT IN (SELECT * FROM excluded)
ORDER BY n.nspname, c.relname
"""
INDEXES: Final = INDEXES_OF.format(excluded=EXCLUDED_TABLES, user_table=USER_TABLE)

LEFT_OUT_OF: Final = """
SELECT format('%%I.%%I', n.nspname, c.relname) AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {user_table} AND c.relhasindex AND c.relkind IN ('r', 'm', 'p') AND c.oid IN ({excluded}) ORDER BY 1
"""
LEFT_OUT: Final = LEFT_OUT_OF.format(excluded=EXCLUDED_TABLES, user_table=USER_TABLE)


@dataclass(frozen=True)
class Index:
    """One index of a user's table. `name` and `table` are written as in SQL, `schema` and `index` as they are.

    `partitioned` has no storage of its own, a `partition` belongs to one that is. `kept_for` says why nobody may drop
    it, such as "a primary key"; empty when a person may. `keys`, `columns`: see `rules.index_redundancy.Shape`.
    """

    oid: int
    table_oid: int
    schema: str
    index: str
    name: str
    table: str
    method: str
    partitioned: bool
    partition: bool
    valid: bool
    unique: bool
    kept_for: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    predicate: str
    scans: int
    bytes: int


@dataclass(frozen=True)
class Indexes:
    """All indexes that could be looked at, and the tables that somebody had locked against everybody."""

    all: tuple[Index, ...]
    left_out: tuple[str, ...]


def read_indexes(session: Session) -> Indexes:
    """Read them. psycopg.errors.LockNotAvailable when a table is locked in the very moment, twice."""
    left_out = tuple(row["table"] for row in rows(session, LEFT_OUT))
    try:
        found = rows(session, INDEXES)
    except psycopg.errors.LockNotAvailable:
        # Somebody locked a table between the look at the locks and at its size; the next look leaves it out.
        left_out = tuple(row["table"] for row in rows(session, LEFT_OUT))
        found = rows(session, INDEXES)
    return Indexes(tuple(_index(row) for row in found), left_out)


def _index(row: dict[str, Any]) -> Index:
    return Index(**{**row, "keys": tuple(row["keys"]), "columns": tuple(row["columns"])})
