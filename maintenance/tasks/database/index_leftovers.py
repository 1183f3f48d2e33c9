"""Invalid indexes, and which of them are what an interrupted REINDEX CONCURRENTLY left behind.

Such a leftover is proven, not guessed: invalid, named `…_ccnew` or `…_ccold`, backing nothing, nobody at work on its
table, and by definition the same as a valid index of the same table whose name its own begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.tasks.database.index_survey import BUILDING_ON, EXCLUDED_TABLES
from maintenance.tasks.database.survey import rows

# The server shortens a name that gets too long with the suffix, at the beginning of a character.
INVALID_OF: Final = """
WITH excluded AS MATERIALIZED ({excluded}), building AS MATERIALIZED ({building}),
invalid AS (
  SELECT c.oid, i.indrelid, n.nspname, c.relname, c.relowner, c.relispartition, c.relnamespace,
         t.relname AS table_name, i.indisready, i.indisunique,
         substring(c.relname::text FROM '^(.*)_cc(?:new|old)[0-9]*$') AS stem,
         octet_length(convert_to(c.relname::text, getdatabaseencoding())) >= 60 AS shortened,
         EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid) AS backing,
         EXISTS (SELECT FROM building WHERE relation IN (c.oid, i.indrelid)) AS busy
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND i.indrelid NOT IN (SELECT * FROM excluded)
    AND (%(table)s::int8 IS NULL OR i.indrelid = %(table)s::int8))
SELECT x.oid::int8 AS oid, x.indrelid::int8 AS table_oid, x.nspname AS schema, x.relname AS index,
       format('%%I.%%I', x.nspname, x.relname) AS name, format('%%I.%%I', x.nspname, x.table_name) AS table,
       x.busy, x.indisready AS ready, x.indisunique AS unique, x.relispartition AS partition, x.backing,
       x.nspname ~ '^pg_toast' AS system, pg_relation_size(x.oid) AS bytes,
       pg_has_role(x.relowner, 'USAGE') AND has_schema_privilege(x.relnamespace, 'USAGE') AS may_drop,
       pg_get_userbyid(x.relowner) AS owner,
       coalesce(x.stem IS NOT NULL AND NOT x.backing AND NOT x.relispartition AND EXISTS (
         SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = x.indrelid AND i.indisvalid AND c.relnamespace = x.relnamespace AND c.oid <> x.oid
           AND (c.relname = x.stem OR (x.shortened AND starts_with(c.relname, x.stem)))
           AND substr(pg_get_indexdef(c.oid), strpos(pg_get_indexdef(c.oid), quote_ident(c.relname))
                      + length(quote_ident(c.relname)))
             = substr(pg_get_indexdef(x.oid), strpos(pg_get_indexdef(x.oid), quote_ident(x.relname))
                      + length(quote_ident(x.relname)))
           AND i.indisunique = x.indisunique), false) AS leftover
FROM invalid x
ORDER BY x.nspname, x.relname
"""
INVALID: Final = INVALID_OF.format(excluded=EXCLUDED_TABLES, building=BUILDING_ON)


@dataclass(frozen=True)
class InvalidIndex:
    """An index that no query uses. `busy`: somebody may be building it at this moment. `ready`: writes pay for it.

    `leftover` of an interrupted REINDEX CONCURRENTLY; `system`: it belongs to a TOAST table.
    """

    oid: int
    table_oid: int
    schema: str
    index: str
    name: str
    table: str
    busy: bool
    ready: bool
    unique: bool
    partition: bool
    backing: bool
    system: bool
    bytes: int
    may_drop: bool
    owner: str
    leftover: bool

    @property
    def drop(self) -> sql.Composed:
        """The statement that removes it."""
        return drop_statement(self.schema, self.index)


def read_invalid(session: Session, table_oid: int | None = None) -> list[InvalidIndex]:
    """Read the invalid indexes of the database, or of one table."""
    return [InvalidIndex(**row) for row in rows(session, INVALID, {"table": table_oid})]


def is_ours_to_drop(index: InvalidIndex) -> bool:
    """Whether it is proven to be a leftover that nobody works on. TOAST is left to people."""
    return index.leftover and not index.busy and not index.system


def drop_statement(schema: str, index: str) -> sql.Composed:
    """Build DROP INDEX CONCURRENTLY."""
    return sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(schema, index))
