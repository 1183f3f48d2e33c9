"""Editions of days: what was read of some days stays true as long as their edition stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, Model, OuterRef, Subquery
from django.db.models.functions import Greatest

from zbmaint.rollup.models import Rolled, RolledDay


class Editions(NamedTuple):
    """Of every kind that is rolled up, by name, the edition of some days: it goes up when any of them becomes another
    or is deleted, and never down. `as_of` is when that was rolled which was rolled first; None without any."""

    kinds: tuple[tuple[str, int], ...]
    as_of: dt.datetime | None


def read(first: dt.date, last: dt.date) -> Editions:
    """Of the days from `first` to `last`, both included; one query."""
    mine = RolledDay.objects.filter(kind=OuterRef("kind"), day__range=(first, last))
    latest = Subquery(mine.order_by().values("kind").annotate(latest=Max("edition")).values("latest"))
    # The greatest passes over what is null.
    found = Rolled.objects.order_by("kind").annotate(number=Greatest("purged", latest))
    rows = list(found.values_list("kind", "number", "at"))
    moments = [at for _, _, at in rows]
    known = [at for at in moments if at is not None]
    return Editions(
        tuple((kind, number) for kind, number, _ in rows),
        min(known) if known and len(known) == len(moments) else None,
    )


def keep(kind: str, day: dt.date, edition: int, models: Sequence[type[Model]]) -> None:
    """After a day was rolled: it is of `edition` from now on, if its rows are not what they were."""
    digest = _digest(day, models) if models else ""
    if digest and RolledDay.objects.filter(kind=kind, day=day, digest=digest).exists():
        return
    RolledDay.objects.bulk_create(
        [RolledDay(kind=kind, day=day, digest=digest, edition=edition)],
        update_conflicts=True,
        unique_fields=["kind", "day"],
        update_fields=["digest", "edition"],
    )


def _digest(day: dt.date, models: Sequence[type[Model]]) -> str:
    """SHA-256 of all rows of a day, in whatever order they are; of every column, also those to come."""
    each = " UNION ALL ".join(
        f"SELECT sha256(convert_to(row({place}, t.*)::text, 'UTF8')) FROM {_quoted(model)} AS t WHERE t.day = %s"  # noqa: S608 - a table's name
        for place, model in enumerate(models)
    )
    digest = "SELECT encode(sha256(coalesce(string_agg(of_row, '' ORDER BY of_row), '')), 'hex')"
    with connection.cursor() as cursor:
        cursor.execute(f"{digest} FROM ({each}) AS each (of_row)", [day] * len(models))
        return str(cursor.fetchone()[0])


def _quoted(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
