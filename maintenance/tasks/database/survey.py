"""What the target says about itself: the server, its tables, its partitioned parents. Takes no lock on any table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from maintenance.connectors.postgres import Session
from maintenance.rules.vacuum_need import AutovacuumSettings, TableState
from maintenance.task import TaskFailed

Parameters = Sequence[Any] | dict[str, Any]

OLDEST_SUPPORTED: Final = 130000


@dataclass(frozen=True)
class Server:
    """The target's server, its settings, and what our role may see.

    `now` is its clock at the time of looking, `standbys` the number of those that replicate from it.
    """

    now: dt.datetime
    version: str
    number: int
    database: str
    user: str
    is_standby: bool
    sees_other_sessions: bool
    standbys: int
    autovacuum: bool
    counts_rows: bool
    settings: AutovacuumSettings


@dataclass(frozen=True)
class Parent:
    """A partitioned table; autovacuum never analyses it. `members` are the oids of all below it."""

    oid: int
    schema: str
    table: str
    name: str
    is_root: bool
    may_maintain: bool
    last_analyze: dt.datetime | None
    members: frozenset[int]
    members_analyzed: dt.datetime | None


SERVER: Final = """
SELECT clock_timestamp() AS now, current_setting('server_version') AS version, current_database() AS database,
       current_user AS user,
       pg_is_in_recovery() AS is_standby, pg_has_role('pg_read_all_stats', 'USAGE') AS sees_other_sessions,
       (SELECT count(*) FROM pg_stat_replication) AS standbys,
       current_setting('autovacuum')::bool AS autovacuum, current_setting('track_counts')::bool AS counts_rows,
       current_setting('autovacuum_vacuum_threshold')::float8 AS vacuum_threshold,
       current_setting('autovacuum_vacuum_scale_factor')::float8 AS vacuum_scale_factor,
       current_setting('autovacuum_vacuum_max_threshold', true)::float8 AS vacuum_max_threshold,
       current_setting('autovacuum_vacuum_insert_threshold')::float8 AS insert_threshold,
       current_setting('autovacuum_vacuum_insert_scale_factor')::float8 AS insert_scale_factor,
       current_setting('autovacuum_analyze_threshold')::float8 AS analyze_threshold,
       current_setting('autovacuum_analyze_scale_factor')::float8 AS analyze_scale_factor,
       current_setting('autovacuum_freeze_max_age')::int8 AS freeze_max_age,
       current_setting('autovacuum_multixact_freeze_max_age')::int8 AS multixact_freeze_max_age,
       coalesce(current_setting('vacuum_failsafe_age', true)::int8, 1600000000) AS failsafe_age
"""

# Whether our role may VACUUM and ANALYZE table c (PostgreSQL's vacuum_is_permitted_for_relation).
OWNS_DATABASE: Final = "pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE')"
MAY_MAINTAIN_16: Final = f"({OWNS_DATABASE} OR pg_has_role(c.relowner, 'USAGE'))"
MAY_MAINTAIN_17: Final = f"({OWNS_DATABASE} OR coalesce(has_table_privilege(c.oid, 'MAINTAIN'), false))"

USER_TABLE: Final = """
n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' AND c.relpersistence <> 't'
"""

TABLES: Final = """
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS table, format('%%I.%%I', n.nspname, c.relname) AS name,
       pg_stat_get_dead_tuples(c.oid) AS dead, pg_stat_get_live_tuples(c.oid) AS live,
       pg_stat_get_mod_since_analyze(c.oid) AS modified, pg_stat_get_ins_since_vacuum(c.oid) AS inserted,
       c.reltuples::float8 AS rows, c.relpages AS pages, {frozen} AS frozen,
       greatest(age(c.relfrozenxid), age(t.relfrozenxid)) AS xid_age,
       greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)) AS mxid_age,
       {may_maintain} AS may_maintain,
       coalesce((SELECT jsonb_object_agg(o.option_name, o.option_value)
                 FROM pg_options_to_table(c.reloptions) o), '{{}}') AS options,
       greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) AS last_vacuum,
       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) AS last_analyze,
       CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid::int8 END AS root
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'm') AND {user_table}
"""

PARENTS: Final = """
WITH RECURSIVE tree AS (
  SELECT c.oid AS parent, i.inhrelid AS member FROM pg_class c JOIN pg_inherits i ON i.inhparent = c.oid
  WHERE c.relkind = 'p'
  UNION ALL
  SELECT tree.parent, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.member)
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS table, format('%%I.%%I', n.nspname, c.relname) AS name,
       NOT c.relispartition AS is_root, {may_maintain} AS may_maintain,
       pg_stat_get_last_analyze_time(c.oid) AS last_analyze, array_agg(tree.member::int8) AS members,
       max(pg_stat_get_last_autoanalyze_time(tree.member)) AS members_analyzed
FROM tree JOIN pg_class c ON c.oid = tree.parent JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {user_table}
GROUP BY c.oid, n.nspname
ORDER BY name
"""


def read_server(session: Session) -> Server:
    """Read the server's facts; TaskFailed on a version that is too old."""
    row = one(session, SERVER)
    number = session.info.server_version
    if number < OLDEST_SUPPORTED:
        raise TaskFailed(f"PostgreSQL {row['version']} is too old; 13 is the oldest that can be maintained.")
    names = AutovacuumSettings.__dataclass_fields__
    return Server(
        now=row["now"],
        version=row["version"].split()[0],
        number=number,
        database=row["database"],
        user=row["user"],
        is_standby=row["is_standby"],
        sees_other_sessions=row["sees_other_sessions"],
        standbys=row["standbys"],
        autovacuum=row["autovacuum"],
        counts_rows=row["counts_rows"],
        settings=AutovacuumSettings(**{name: row[name] for name in names}),
    )


def read_tables(session: Session) -> list[TableState]:
    """Read every ordinary table, partition and materialised view that is not the system's own."""
    number = session.info.server_version
    frozen = "coalesce(least(1.0, c.relallfrozen::float8 / nullif(c.relpages, 0)), 0)" if number >= 180000 else "0"
    query = TABLES.format(frozen=frozen, may_maintain=may_maintain(number), user_table=USER_TABLE)
    return [TableState(**row) for row in rows(session, query)]


def read_parents(session: Session) -> list[Parent]:
    """Read the partitioned tables that have partitions."""
    query = PARENTS.format(may_maintain=may_maintain(session.info.server_version), user_table=USER_TABLE)
    return [Parent(**{**row, "members": frozenset(row["members"])}) for row in rows(session, query)]


def may_maintain(number: int) -> LiteralString:
    """SQL: whether our role may maintain table `c`."""
    return MAY_MAINTAIN_17 if number >= 170000 else MAY_MAINTAIN_16


def rows(session: Session, query: LiteralString, parameters: Parameters = ()) -> list[dict[str, Any]]:
    """Run a query; `%` is written `%%`, as parameters are always given."""
    return session.execute(query, parameters).fetchall()


def one(session: Session, query: LiteralString, parameters: Parameters = ()) -> dict[str, Any]:
    """Run a query that returns one row."""
    return rows(session, query, parameters)[0]
