"""A database to maintain, made and filled for one test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from maintenance.task import Outcome
from maintenance.tasks.database_maintenance import database_maintenance
from tests.maintenance.recording import RUN_ID, RecordingContext
from zbmaint.embedded.postgres import PostgresServer

PASSWORD = "s3cret: of/use?nowhere#else%"
# How a verdict ends on a new server of the wheel, whose statistics are young and which has no contrib extensions.
UNMEASURED = " Not measured: unused indexes, index bloat."
OURS = f"zbmaint:run-{RUN_ID}:"


@dataclass(frozen=True)
class Shop:
    """One database on a server."""

    server: PostgresServer
    name: str

    def url(self, user: str = "postgres") -> str:
        """Its URL over the socket, as any role."""
        return self.server.url(self.name, user)

    def connect(self) -> psycopg.Connection[DictRow]:
        """A superuser's autocommit session."""
        return psycopg.connect(self.url(), autocommit=True, row_factory=dict_row)

    def execute(self, *statements: str) -> None:
        """Execute statements as the superuser; what they count is visible at once."""
        with self.connect() as session:
            for statement in statements:
                session.execute(statement)
                session.execute("SELECT pg_stat_force_next_flush()")

    def one(self, query: str, *parameters: Any) -> Any:
        """The first column of the first row."""
        with self.connect() as session:
            row = session.execute(query, parameters).fetchone()
        return next(iter(row.values())) if row else None

    def fill(self, table: str, *, rows: int = 6000, dead: int = 2000, more: str = "") -> None:
        """Make a table with a primary key and a note, and delete `dead` of its rows. `table` is written as in SQL."""
        self.execute(
            f"CREATE TABLE {table} (id int PRIMARY KEY, note text) {more}",
            f"INSERT INTO {table} SELECT g, repeat('x', 100) FROM generate_series(1, {rows}) g",
            f"VACUUM ANALYZE {table}",
            f"DELETE FROM {table} WHERE id <= {dead}",
        )

    def dead(self, table: str) -> int:
        """Dead rows as the server counts them."""
        return int(self.one("SELECT pg_stat_get_dead_tuples(%s::regclass)", table))

    def last_vacuum(self, table: str) -> Any:
        """When it was last vacuumed by hand; None for never."""
        return self.one("SELECT pg_stat_get_last_vacuum_time(%s::regclass)", table)

    def last_analyze(self, table: str) -> Any:
        """When it was last analysed by hand; None for never."""
        return self.one("SELECT pg_stat_get_last_analyze_time(%s::regclass)", table)

    def slow_vacuum(self, pages_a_second: int = 50) -> None:
        """Make VACUUM slow for sessions that open from now on."""
        limit = max(1, pages_a_second // 10)
        for setting in (
            "vacuum_cost_delay = 100",
            f"vacuum_cost_limit = {limit}",
            "vacuum_cost_page_hit = 1",
            "vacuum_cost_page_miss = 1",
            "vacuum_cost_page_dirty = 0",
        ):
            self.execute(f"ALTER DATABASE {self.name} SET {setting}")

    def role(self, name: str, *grants: str) -> str:
        """Make a role without privileges but those; returns its name, made unique on the server."""
        role = f"{name}_{self.name}"
        self.server.create_role(role)
        for grant in grants:
            self.execute(grant.format(role=role))
        return role

    def guest(self, password: str = PASSWORD, *, database: str = "", port: int | None = None) -> str:
        """A URL over loopback for a role without privileges; the server knows it by PASSWORD."""
        role = f"guest_{self.name}"
        self.server.create_role(role, password=PASSWORD)
        login = f"{quote(role, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@127.0.0.1:{port or self.server.port}/{quote(database or self.name, safe='')}"

    def ours(self) -> list[dict[str, Any]]:
        """The sessions of the run that work here now, with what they execute."""
        with self.connect() as session:
            return session.execute(
                "SELECT pid, application_name, state, query FROM pg_stat_activity "
                "WHERE datname = current_database() AND starts_with(application_name, %s) ORDER BY 2",
                [OURS],
            ).fetchall()

    def cancel(self, pid: int) -> None:
        """Cancel a session's statement, as an administrator would."""
        self.execute(f"SELECT pg_cancel_backend({pid})")

    def vacuums(self) -> list[dict[str, Any]]:
        """Those of them that execute a VACUUM now."""
        return [row for row in self.ours() if row["state"] == "active" and row["query"].startswith("VACUUM")]


def open_shop(server: PostgresServer) -> Shop:
    """The empty database of this test process on a server; made once, because that takes longer than most tests."""
    shop = Shop(server, f"shop_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    server.create_database(shop.name)
    return shop


def clear_shop(shop: Shop) -> None:
    """Make it as good as new: no sessions, tables, roles or settings of a test stay."""
    with shop.connect() as session:
        session.execute("SET lock_timeout = '10s'")
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for row in session.execute("SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^(pg_|information_)'"):
            session.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(row["name"])))
        session.execute("CREATE SCHEMA public")
        session.execute("GRANT USAGE ON SCHEMA public TO public")
        session.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(shop.name)))
        suffix = f"_{shop.name}"
        for row in session.execute(
            "SELECT rolname AS name FROM pg_roles WHERE right(rolname, %s) = %s", [len(suffix), suffix]
        ):
            role = sql.Identifier(row["name"])
            session.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
            session.execute(sql.SQL("DROP ROLE {}").format(role))


@contextmanager
def session(url: str, name: str = "") -> Iterator[psycopg.Connection]:
    """A session in a transaction, which a test may end."""
    connection = psycopg.connect(url, application_name=name)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def snapshot(url: str, name: str = "") -> Iterator[psycopg.Connection]:
    """A session that holds a snapshot."""
    with session(url, name) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT 1")
        yield connection


def maintain(context: RecordingContext) -> Outcome:
    """Run the task."""
    return database_maintenance.run(context)
