"""Databases for benchmarks: sixty tables of very different sizes, forty of which can be made to need VACUUM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

TABLES = 60
NEEDY = 40


@dataclass(frozen=True)
class Size:
    """How large a database is; `rows` in all its tables together (about 200 bytes each, indexes included)."""

    name: str
    rows: int


SMALL = Size("small", 500_000)
TWO_GIGABYTES = Size("2 GB", 10_000_000)


def table_rows(size: Size) -> Iterator[tuple[str, int]]:
    """Yield (table, rows): each table is a bit smaller than the one before, the largest about 20 times the smallest."""
    weights = [(rank + 1) ** -0.75 for rank in range(TABLES)]
    for rank, weight in enumerate(weights):
        yield f"table_{rank:02d}", max(3000, int(size.rows * weight / sum(weights)))


def needy_tables() -> list[str]:
    """The tables that `make_dead_rows` gives dead rows: two of every three, large and small."""
    return [f"table_{rank:02d}" for rank in range(TABLES) if rank % 3 != 2][:NEEDY]


def fill(connection: psycopg.Connection, size: Size) -> None:
    """Make and fill the tables; each has a primary key and an index on a column that changes."""
    for table, rows in table_rows(size):
        name = sql.Identifier(table)
        _run(connection, "CREATE TABLE {} (id int PRIMARY KEY, mark int, note text)", name)
        _run(
            connection,
            "INSERT INTO {} SELECT g, g, repeat(md5(g::text), 3) FROM generate_series(1, {}) g",
            name,
            sql.Literal(rows),
        )
        _run(connection, "CREATE INDEX ON {} (mark)", name)
    # The counters of the inserts must not arrive after the VACUUM that answers them.
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("VACUUM ANALYZE")


def make_dead_rows(connection: psycopg.Connection, round_number: int) -> None:
    """Update every fourth row of the needy tables, so that each index has dead entries too; then write it all out."""
    for table in needy_tables():
        _run(
            connection,
            "UPDATE {} SET mark = mark + 1 WHERE id % 4 = {}",
            sql.Identifier(table),
            sql.Literal(round_number % 4),
        )
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("CHECKPOINT")


def _run(connection: psycopg.Connection, statement: LiteralString, *names: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*names))
