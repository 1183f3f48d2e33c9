"""Questions that are asked at every request: their SQL is made once, for Django takes longer to make it than PostgreSQL
to answer it; and it is planned once in a session, which takes PostgreSQL longer than to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class _PreparingCursor(ServerBindingCursor):
    """Prepares what it executes, once in a session."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute one statement, whose parameters go to the server beside it."""
        return super().execute(query, params, **(options | {"prepare": True}))  # type: ignore[misc]  # the stubs lack it


def preparing_cursor() -> CursorWrapper:
    """A cursor as `connection.cursor()` gives it, for one statement that is asked again and again.

    Its text must be the same each time; parameters stand only where the server can tell their type.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # The stubs know neither the way in which Django wraps its own cursors, nor what psycopg's begin with.
        cursor: CursorWrapper = connection._prepare_cursor(_PreparingCursor(connection.connection))  # type: ignore[attr-defined, call-arg]
        return cursor


@contextmanager
def one_journey() -> Iterator[None]:
    """What is asked inside goes to the server together: to wait for each answer takes longer than to make it.

    The answers are there at the end, for `answers`; one that fails raises there.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def answers(asked: CursorWrapper) -> list[tuple[Any, ...]]:
    """The rows of what was asked, whose cursor is closed with it."""
    with asked:
        return list(asked.fetchall())


class Prepared(Generic[M]):
    """The query that `make` builds from its parameters, of which `stand_ins` are examples that nobody ever asks for.

    `make` must use each as it is: what is computed from one would stay what it was for the stand-in.
    """

    def __init__(self, make: Callable[..., QuerySet[M, Any]], *stand_ins: object) -> None:
        self._make = make
        self._stand_ins = stand_ins

    @cached_property
    def _compiled(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._make(*self._stand_ins).query.get_compiler(connection.alias)
        sql, params = compiler.as_sql()
        return compiler, sql, params

    def rows(self, *given: object) -> list[tuple[Any, ...]]:
        """The rows for these parameters."""
        rows = answers(self.ask(*given))
        if not self._converters:
            return rows
        return [tuple(row) for row in self._compiled[0].apply_converters(rows, self._converters)]

    def ask(self, *given: object) -> CursorWrapper:
        """Ask for the rows for these parameters; `answers` reads them, with values as the driver has them."""
        _, sql, params = self._compiled
        asked: list[Any] = [
            given[self._stand_ins.index(value)] if value in self._stand_ins else value for value in params
        ]
        cursor = preparing_cursor()
        cursor.execute(sql, asked)
        return cursor

    @cached_property
    def _shape(self) -> tuple[Any, list[str], slice, list[Any]]:
        """What the columns become: the model with its fields, where they stand, and what reads related objects."""
        compiler = self._compiled[0]
        fields = compiler.klass_info["select_fields"]
        own = slice(fields[0], fields[-1] + 1)
        names = [column[0].target.attname for column in compiler.select[own]]
        related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]  # the stubs know a later Django
        return compiler.klass_info["model"], names, own, related

    @cached_property
    def _converters(self) -> Any:
        compiler = self._compiled[0]
        return compiler.get_converters([column[0] for column in compiler.select])

    def objects(self, *given: object) -> list[M]:
        """The same as objects, with those that `select_related` names and with annotations, but nothing prefetched."""
        compiler = self._compiled[0]
        model, names, own, related = self._shape
        found = []
        for row in self.rows(*given):
            made = model.from_db(connection.alias, names, row[own])
            for populator in related:
                populator.populate(row, made)
            for name, place in compiler.annotation_col_map.items():
                setattr(made, name, row[place])
            found.append(made)
        return found
