"""The server itself: damage that checksums found, settings that wait for a restart, archiving, what was prepared."""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from maintenance.rules.amounts import count, duration
from maintenance.task import Parameter
from maintenance.tasks.database.part import Examination, Part
from maintenance.tasks.database.survey import one, rows

DAMAGE: Final = "checksum_failures"
NO_CHECKSUMS: Final = "checksums_off"
RESTART: Final = "restart_pending"
ARCHIVING: Final = "archiving_fails"
PREPARED: Final = "prepared_transaction"
NOT_VALID: Final = "constraint_not_valid"
KINDS: Final = frozenset({DAMAGE, NO_CHECKSUMS, RESTART, ARCHIVING, PREPARED, NOT_VALID})

PARAMETERS: Final = (
    Parameter("prepared_seconds", "A prepared transaction is forgotten from so many seconds on", 600, 1, 604_800),
)

STATE: Final = """
SELECT current_setting('data_checksums')::bool AS checksums,
       (SELECT coalesce(sum(checksum_failures), 0)::int8 FROM pg_stat_database) AS failures,
       (SELECT string_agg(coalesce(datname, 'shared catalogues'), ', ' ORDER BY datname) FROM pg_stat_database
        WHERE checksum_failures > 0) AS damaged,
       a.failed_count, a.last_failed_wal,
       current_setting('archive_mode') <> 'off'
         AND a.last_failed_time > coalesce(a.last_archived_time, '-infinity') AS archiving_fails,
       extract(epoch FROM clock_timestamp() - coalesce(a.last_archived_time, a.stats_reset))::float8 AS archived_seconds
FROM pg_stat_archiver a
"""

PENDING: Final = "SELECT name, setting FROM pg_settings WHERE pending_restart ORDER BY name"

PREPARED_TRANSACTIONS: Final = """
SELECT gid, owner::text AS owner, database::text AS database,
       extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds
FROM pg_prepared_xacts WHERE clock_timestamp() - prepared > make_interval(secs => %(seconds)s) ORDER BY prepared
"""

CONSTRAINTS_OF: Final = """
SELECT format('%%I.%%I', n.nspname, c.relname) AS table, quote_ident(k.conname) AS name
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT k.convalidated {enforced} AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
CONSTRAINTS_18: Final = CONSTRAINTS_OF.format(enforced="AND k.conenforced")
CONSTRAINTS_13: Final = CONSTRAINTS_OF.format(enforced="")


def look(examination: Examination) -> str:
    """Look at all of it."""
    session = examination.session
    state = one(session, STATE)
    _checksums(examination, state)
    _archiving(examination, state)
    _pending(examination, rows(session, PENDING))
    seconds = int(examination.context.parameters.get("prepared_seconds", PARAMETERS[0].default))
    for row in rows(session, PREPARED_TRANSACTIONS, {"seconds": seconds}):
        _prepared(examination, row)
    for row in rows(session, CONSTRAINTS_18 if examination.server.number >= 180000 else CONSTRAINTS_13):
        _not_valid(examination, row)
    return "checksums on" if state["checksums"] else "checksums off"


def _checksums(examination: Examination, state: dict[str, Any]) -> None:
    if state["failures"]:
        examination.find(
            DAMAGE,
            "server",
            f"Damaged data: {count(state['failures'], 'page')} failed their checksum",
            "critical",
            detail=f"In {state['damaged']}. Stop and copy the data directory before anything is repaired.",
            fix="-- on a copy: pg_amcheck --all --heapallindexed finds which tables and indexes are hit",
        )
    if not state["checksums"]:
        examination.find(
            NO_CHECKSUMS,
            "server",
            "Data checksums are off: damage by disk or memory goes unnoticed",
            "low",
            detail="They can be switched on while the server is stopped; every page is written once.",
            fix="pg_checksums --enable --pgdata <data directory>",
        )


def _archiving(examination: Examination, state: dict[str, Any]) -> None:
    if not state["archiving_fails"]:
        return
    since = f"; the last success was {duration(state['archived_seconds'])} ago" if state["archived_seconds"] else ""
    examination.find(
        ARCHIVING,
        "server",
        f"Archiving fails: {count(state['failed_count'], 'attempt')}",
        "high",
        detail=f"At {state['last_failed_wal']}{since}. Log piles up, and a point-in-time recovery ends there.",
        fix="-- the server's log has the error of:\nSHOW archive_command;",
    )


def _pending(examination: Examination, settings: list[dict[str, Any]]) -> None:
    if not settings:
        return
    names = ", ".join(row["name"] for row in settings)
    examination.find(
        RESTART,
        "server",
        f"{count(len(settings), 'setting waits', 'settings wait')} for a restart: {names}",
        "low",
        detail="What runs is not what is configured, and the next restart, planned or not, changes it.",
        fix="-- plan a restart, or take the change back to what runs now:\n"
        + "\n".join(_as_it_runs(row) for row in settings)
        + "\nSELECT pg_reload_conf();",
    )


def _as_it_runs(row: dict[str, Any]) -> str:
    name, value = sql.Identifier(row["name"]).as_string(), sql.Literal(row["setting"]).as_string()
    return f"ALTER SYSTEM SET {name} = {value};"


def _prepared(examination: Examination, row: dict[str, Any]) -> None:
    gid = sql.Literal(row["gid"]).as_string()
    database = sql.Identifier(row["database"]).as_string()
    examination.find(
        PREPARED,
        f"prepared transaction {row['gid']}",
        f"Prepared transaction {row['gid']} is {duration(row['seconds'])} old",
        "high",
        detail=f"Of {row['owner']}, {row['database']}. Over a restart, too, it keeps its locks and holds back vacuum.",
        fix=f"-- connected to database {database}; its transaction manager decides:\nROLLBACK PREPARED {gid};",
    )


def _not_valid(examination: Examination, row: dict[str, Any]) -> None:
    examination.find(
        NOT_VALID,
        f"{row['table']}, {row['name']}",
        f"Constraint {row['name']} of {row['table']} was never checked on old rows",
        "low",
        detail="New rows obey it; rows from before may not, and the planner does not rely on it.",
        fix=f"ALTER TABLE {row['table']} VALIDATE CONSTRAINT {row['name']};",
    )


PARTS: Final = (Part("server", "Server state", KINDS, look),)
