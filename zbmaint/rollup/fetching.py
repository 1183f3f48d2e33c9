"""Rows of days with their bytes, as the database holds them: as text they would be twice as long, and read letter by
letter."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, BinaryField, Model, QuerySet
from psycopg.pq import Format

from zbmaint.prepared import preparing_cursor


class Concatenated(Aggregate):
    """The bytes of a column one behind the other, in whatever order the rows are."""

    function = "string_agg"
    template = "%(function)s(%(expressions)s, ''::bytea)"
    output_field = BinaryField()


def fetch(found: QuerySet[Model, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows of a query of values (`values_list`), as psycopg reads them: for columns that Django leaves as they are,
    which are numbers, texts, days and bytes. One query."""
    sql, params = found.query.sql_with_params()
    with preparing_cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(sql, params)
        return list(cursor.fetchall())
