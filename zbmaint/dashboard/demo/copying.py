"""COPY: the fast way into our own database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

Row = Sequence[Any]


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Copy `rows`, whose values are those of `fields` as the columns hold them. Returns how many they were."""
    by_name = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = [sql.Identifier(by_name[name]) for name in fields]
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(columns),
    )
    number = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            number += 1
    return number


def as_json(value: Any) -> str:
    """A value for a JSON column."""
    return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))


def take_ids(model: type[models.Model], number: int) -> int:
    """Take `number` ids that follow one another and return the first. The table must be locked against writers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s)", [sequence])
        first: int = cursor.fetchone()[0]
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + max(number, 1) - 1])
    return first


def lock(*tables: type[models.Model]) -> None:
    """Keep other writers from `tables` until the transaction ends."""
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))


def analyze(*tables: type[models.Model]) -> None:
    """Tell the planner what has come into `tables`."""
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(names))
