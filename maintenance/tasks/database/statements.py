"""The statements that change something, one table each, and what the server said while it carried them out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import sql

from maintenance.connectors.postgres import Session
from maintenance.rules.vacuum_need import Need, Urgency
from maintenance.task import Context
from maintenance.tasks.database.survey import Server

# PostgreSQL 15 and later, in English; elsewhere the counters in the statistics say it less exactly.
COUNTS: Final = re.compile(r"tuples: (\d+) removed, \d+ remain, (\d+) are dead but not yet removable")
FIRST_LINES: Final = 3
# A server that ends a session says so with one of these, or says nothing at all.
GOING_AWAY: Final = ("57P", "08")


class ConnectionLost(Exception):
    """A session on the target has ended; the message says how, as far as the server said it."""


@dataclass(frozen=True)
class Notice:
    """What the server says beside its result; `level` is its severity in English."""

    level: str
    sqlstate: str
    text: str


@dataclass
class Execution:
    """A statement that was carried out, or tried: seconds, what was said, the error."""

    seconds: float = 0.0
    notices: list[Notice] = field(default_factory=list)
    error: psycopg.Error | None = None

    @property
    def sqlstate(self) -> str:
        """The error's code; empty for none."""
        return (self.error.sqlstate or "") if self.error else ""

    @property
    def warnings(self) -> list[str]:
        """The codes of the warnings."""
        return [notice.sqlstate for notice in self.notices if notice.level == "WARNING"]

    @property
    def counts(self) -> tuple[int, int] | tuple[None, None]:
        """Rows that VACUUM removed, and dead ones that it had to leave; None when it did not say."""
        for notice in self.notices:
            found = COUNTS.search(notice.text)
            if found:
                return int(found[1]), int(found[2])
        return None, None

    def lines(self) -> Iterator[tuple[str, bool]]:
        """What is worth a line in the run's log, and whether it is a warning: warnings, and VACUUM's own summary."""
        summarised = False
        for notice in self.notices:
            if notice.level == "WARNING":
                yield f"WARNING: {notice.text}", True
            elif "\n" in notice.text and not summarised:
                # The first is the table's; a second one is its TOAST table's.
                summarised = True
                first, *more = notice.text.splitlines()[:FIRST_LINES]
                yield "\n".join([f"INFO: {first}", *more]), False


def vacuum_statement(need: Need, server: Server, schema: str, table: str) -> sql.Composed:
    """Build the VACUUM of one table.

    SKIP_LOCKED never waits; PARALLEL 0 because tables, not indexes, are done side by side; truncation is left out
    where standbys follow, whose queries its lock would end; PostgreSQL 16 gets the buffers that 17 has by itself.
    """
    options = ["VERBOSE", "SKIP_LOCKED", "PARALLEL 0"]
    options += ["ANALYZE"] if need.analyze else []
    options += ["FREEZE"] if need.urgency >= Urgency.OVER_AGE else []
    options += ["TRUNCATE FALSE"] if server.standbys else []
    options += ["SKIP_DATABASE_STATS"] if server.number >= 160000 else []
    options += ["BUFFER_USAGE_LIMIT '2MB'"] if 160000 <= server.number < 170000 else []
    return _statement("VACUUM", options, schema, table)


def analyze_statement(schema: str, table: str, *, only: bool = False) -> sql.Composed:
    """Build the ANALYZE of one table; `only` leaves its partitions out (PostgreSQL 18)."""
    return _statement("ANALYZE", ["SKIP_LOCKED"], schema, table, only=only)


def _statement(verb: str, options: list[str], schema: str, table: str, *, only: bool = False) -> sql.Composed:
    return sql.SQL("{verb} ({options}) {only}{table}").format(
        verb=sql.SQL(verb),
        options=sql.SQL(", ".join(options)),
        only=sql.SQL("ONLY " if only else ""),
        table=sql.Identifier(schema, table),
    )


def execute(session: Session, statement: sql.Composed) -> Execution:
    """Carry out a statement and return what happened, errors included; ConnectionLost when the session is gone."""
    done = Execution()
    began = time.monotonic()
    with _listening(session, done.notices):
        try:
            # No prepared statement: they are all different.
            session.execute(statement, prepare=False)
        except psycopg.Error as error:
            done.error = error
    done.seconds = time.monotonic() - began
    if done.error is not None:
        raise_if_lost(session, done.error)
    return done


def raise_if_lost(session: Session, error: psycopg.Error) -> None:
    """Raise ConnectionLost when the error means that the session is gone."""
    silent = error.sqlstate is None and isinstance(error, psycopg.OperationalError)
    if session.closed or silent or (error.sqlstate or "").startswith(GOING_AWAY):
        raise ConnectionLost(first_line(error)) from error


def first_line(error: psycopg.Error) -> str:
    """What the server, or else the driver, says first."""
    said = error.diag.message_primary or str(error).strip() or "the server closed the connection"
    return said.splitlines()[0]


@contextmanager
def cancellation(context: Context) -> Iterator[None]:
    """Turn a statement that was cancelled because the run has to stop into the reason to stop."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        context.check()
        raise


@contextmanager
def _listening(session: Session, notices: list[Notice]) -> Iterator[None]:
    def take(diagnostic: psycopg.errors.Diagnostic) -> None:
        level = diagnostic.severity_nonlocalized or diagnostic.severity or ""
        notices.append(Notice(level, diagnostic.sqlstate or "", diagnostic.message_primary or ""))

    session.add_notice_handler(take)
    try:
        yield
    finally:
        session.remove_notice_handler(take)
