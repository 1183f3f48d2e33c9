"""Filling tables by the million: their indexes and foreign keys are made once, at the end, and not row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models
from psycopg import sql

MEMORY = "256MB"  # to build an index in
INDEXES = """
SELECT n.nspname, c.relname, pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = ANY(%s::regclass[]) AND i.indpred IS NULL
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
ORDER BY i.indexrelid
"""
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' AND conparentid = 0
ORDER BY oid
"""


@contextmanager
def filling(*tables: type[models.Model]) -> Iterator[None]:
    """Within a transaction: take the indexes that no constraint needs, and the foreign keys, from `tables`, and make
    them again afterwards, just as they were. Partial indexes stay: few rows go into them.

    Whatever breaks a foreign key raises IntegrityError then. Nobody else reads the tables meanwhile.
    """
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        # Checks that are still waiting would keep the tables from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(INDEXES, [names])
        indexes = cursor.fetchall()
        cursor.execute(FOREIGN_KEYS, [names])
        keys = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(sql.SQL(f"ALTER TABLE {table} DROP CONSTRAINT {{}}").format(sql.Identifier(name)))
        for schema, name, _ in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name)))
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [MEMORY])
        for _, _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(
                sql.SQL(f"ALTER TABLE {table} ADD CONSTRAINT {{}} {definition}").format(sql.Identifier(name))
            )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
