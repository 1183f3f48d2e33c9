"""COPY: the fast way into our own database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

Row = Sequence[Any]
_ENCODER = DjangoJSONEncoder(separators=(",", ":"))


@dataclass(frozen=True)
class Sheet:
    """Rows of one table, written out as COPY reads them."""

    table: str
    columns: tuple[str, ...]
    text: bytes


def sheet(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> Sheet:
    """Write out `rows`, whose values are those of `fields` as the columns hold them."""
    return Sheet(model._meta.db_table, _columns(model, fields), "".join(map(_line, rows)).encode())


def copy_sheet(made: Sheet) -> None:
    """Copy it in."""
    if made.text:
        with connection.cursor() as cursor, cursor.copy(_statement(made.table, made.columns)) as copy:
            copy.write(made.text)


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Copy `rows`, whose values are those of `fields` as the columns hold them. Returns how many they were."""
    number = 0
    with connection.cursor() as cursor, cursor.copy(_statement(model._meta.db_table, _columns(model, fields))) as copy:
        for row in rows:
            copy.write_row(row)
            number += 1
    return number


def _columns(model: type[models.Model], fields: Sequence[str]) -> tuple[str, ...]:
    by_name = {field.name: str(field.column) for field in model._meta.concrete_fields}
    return tuple(by_name[name] for name in fields)


def _statement(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def _line(row: Row) -> str:
    return "\t".join([_field(value) for value in row]) + "\n"


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if text.isalnum():
        return text
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\t" in text or "\r" in text:
        text = text.replace("\t", "\\t").replace("\r", "\\r")
    return text


def as_json(value: Any) -> str:
    """A value for a JSON column."""
    return _ENCODER.encode(value)


def take_ids(model: type[models.Model], number: int) -> int:
    """Take `number` ids that follow one another and return the first. The table must be locked against writers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s)", [sequence])
        first: int = cursor.fetchone()[0]
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + max(number, 1) - 1])
    return first


def next_id(model: type[models.Model]) -> int:
    """The id that follows the last one; whoever uses it and more says so with `ids_taken`."""
    return take_ids(model, 1)


def ids_taken(*tables: type[models.Model]) -> None:
    """Let the ids of new rows follow those that were copied in. The tables must be locked against writers."""
    with connection.cursor() as cursor:
        for model in tables:
            name = sql.Identifier(model._meta.db_table)
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {} HAVING max(id) > 0").format(
                    sql.Literal(model._meta.db_table), name
                )
            )


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
