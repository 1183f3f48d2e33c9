"""Questions that are asked at every request: their SQL is made once, for Django takes longer to make it than PostgreSQL
to answer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """The query that `make` builds from its parameters, of which `stand_ins` are examples that nobody ever asks for.

    `make` must use each as it is: what is computed from one would stay what it was for the stand-in.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, tuple[Any, ...]]], *stand_ins: object) -> None:
        self._make = make
        self._stand_ins = stand_ins

    @cached_property
    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self._make(*self._stand_ins).query.sql_with_params()
        return sql, params

    def rows(self, *given: object) -> list[tuple[Any, ...]]:
        """The rows for these parameters, with values as the driver reads them."""
        sql, params = self._sql
        asked = [given[self._stand_ins.index(value)] if value in self._stand_ins else value for value in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            return list(cursor.fetchall())
