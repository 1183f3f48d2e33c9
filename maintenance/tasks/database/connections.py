"""Connections: how many of the usable are taken, who works long, who idles in a transaction, who waits for whom.

Report: `connections_used`, `connections_usable` (of the whole server), `active_connections`, `connections` (of the
database, by state), `long_running_queries` and `idle_in_transaction` [{`user`, `application`, `seconds`, `query`}].
Our own sessions are left out. Nothing is ended here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Final

from psycopg import sql

from maintenance.rules import session_severity
from maintenance.rules.amounts import count, duration
from maintenance.rules.query_text import without_literals
from maintenance.task import Parameter
from maintenance.tasks.database.blockers import TERMINATE
from maintenance.tasks.database.figures import read_figures
from maintenance.tasks.database.part import Examination, Part
from maintenance.tasks.database.survey import one, rows

NEAR_LIMIT: Final = "connections_near_limit"
LONG_QUERY: Final = "long_running_query"
IDLE_IN_TRANSACTION: Final = "idle_in_transaction"
BLOCKING: Final = "blocking_session"
KINDS: Final = frozenset({NEAR_LIMIT, LONG_QUERY, IDLE_IN_TRANSACTION, BLOCKING})

PARAMETERS: Final = (
    Parameter("long_query_seconds", "A query is long from so many seconds on", 300, 1, 86_400),
    Parameter("idle_seconds", "Idle in a transaction is too long from so many seconds on", 60, 1, 86_400),
    Parameter("blocked_seconds", "Waiting for a lock is too long from so many seconds on", 30, 1, 86_400),
)

CANCEL: Final = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = {pid} AND backend_start = '{start}';"

# Of a session that our role may not look into, the kind is hidden; background processes have no database.
CAPACITY: Final = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend' OR (backend_type IS NULL AND datname IS NOT NULL))
         AS used,
       current_setting('max_connections')::int AS most,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS usable
FROM pg_stat_activity WHERE NOT starts_with(application_name, %(ours)s)
"""

HOLDERS: Final = """
SELECT usename::text AS "user", application_name AS application, count(*) AS number
FROM pg_stat_activity WHERE datname IS NOT NULL AND NOT starts_with(application_name, %(ours)s)
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 5
"""

SESSIONS: Final = """
SELECT pid, usename::text AS "user", application_name AS application, state, backend_start,
       extract(epoch FROM clock_timestamp() - CASE WHEN state = 'active' THEN query_start ELSE state_change END)::float8
         AS seconds,
       wait_event_type = 'Lock' AS waits, left(query, 2000) AS query
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND state <> 'idle' AND NOT starts_with(application_name, %(ours)s)
ORDER BY usename, application_name, pid
"""

# The sessions at the head of a queue: they are waited for, and wait for nobody. A pid of 0 is a prepared transaction.
BLOCKERS: Final = """
WITH waiting AS (
  SELECT pid, unnest(pg_blocking_pids(pid)) AS blocker,
         extract(epoch FROM clock_timestamp() - query_start)::float8 AS seconds
  FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND NOT starts_with(application_name, %(ours)s))
SELECT b.pid, b.usename::text AS "user", b.application_name AS application, b.state, b.backend_start,
       left(b.query, 2000) AS query, count(DISTINCT w.pid) AS waiters, max(w.seconds) AS seconds
FROM waiting w JOIN pg_stat_activity b ON b.pid = w.blocker
WHERE w.blocker NOT IN (SELECT pid FROM waiting) AND w.seconds > %(seconds)s
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 3, 1
"""


def look(examination: Examination) -> str:
    """Look at all of it; the note is about connections."""
    context, session = examination.context, examination.session
    ours = {"ours": f"zbmaint:run-{context.run_id}:"}
    capacity = one(session, CAPACITY, ours)
    used, usable = capacity["used"], capacity["usable"]
    figures = read_figures(session, context.run_id)
    context.fact("connections_used", "Connections taken", used, note=f"of {usable:,} that applications can get")
    context.report(
        connections_used=used,
        connections_usable=usable,
        active_connections=figures.active,
        connections=figures.connections,
    )
    _near_limit(examination, capacity, rows(session, HOLDERS, ours))
    note = f"{used:,} of {count(usable, 'connection')} taken"
    if not examination.server.sees_other_sessions:
        user = sql.Identifier(examination.server.user).as_string()
        examination.not_measured("what other sessions do", f"GRANT pg_monitor TO {user}; lets us see it")
        return note
    found = rows(session, SESSIONS, ours)
    _long_queries(examination, found)
    _idle_in_transaction(examination, found)
    _blocking(examination, rows(session, BLOCKERS, ours | {"seconds": _seconds(examination, "blocked_seconds")}))
    return note


def _seconds(examination: Examination, key: str) -> int:
    default = next(parameter.default for parameter in PARAMETERS if parameter.key == key)
    return int(examination.context.parameters.get(key, default))


def _near_limit(examination: Examination, capacity: dict[str, Any], holders: list[dict[str, Any]]) -> None:
    used, usable, most = capacity["used"], capacity["usable"], capacity["most"]
    severity = session_severity.of_connections(used, usable)
    if severity is None:
        return
    by = "; ".join(f"{row['number']:,} by {who(row)}" for row in holders)
    examination.find(
        NEAR_LIMIT,
        "server",
        f"{used:,} of {count(usable, 'usable connection')} are taken",
        severity,
        detail=f"Whoever comes when none is left is refused. Taken {by}.",
        fix=f"-- a smaller pool of the application is better; more connections need a restart:\n"
        f"ALTER SYSTEM SET max_connections = {most * 2};",
    )


def _long_queries(examination: Examination, sessions: list[dict[str, Any]]) -> None:
    limit = _seconds(examination, "long_query_seconds")
    long = [row for row in sessions if row["state"] == "active" and row["seconds"] > limit]
    examination.context.report(long_running_queries=[_reported(row) for row in long])
    for subject, group in _by_subject(long):
        examination.find(
            LONG_QUERY,
            subject,
            f"{count(len(group), 'query', 'queries')} of {who(group[0])} for {duration(_longest(group))}",
            session_severity.of_long_query(_longest(group)),
            detail=f"Longer than {duration(limit)}. {_described(group)}",
            fix=_each(group, CANCEL),
        )


def _idle_in_transaction(examination: Examination, sessions: list[dict[str, Any]]) -> None:
    limit = _seconds(examination, "idle_seconds")
    idle = [row for row in sessions if row["state"].startswith("idle in transaction") and row["seconds"] > limit]
    examination.context.report(idle_in_transaction=[_reported(row) for row in idle])
    for subject, group in _by_subject(idle):
        user = sql.Identifier(group[0]["user"]).as_string()
        examination.find(
            IDLE_IN_TRANSACTION,
            subject,
            f"{count(len(group), 'session')} of {who(group[0])} idle in transaction for {duration(_longest(group))}",
            session_severity.of_idle_in_transaction(_longest(group)),
            detail=f"Locks are kept, and vacuum may be held back. Last statement: {_described(group)}",
            fix=f"{_each(group, TERMINATE)}\n-- so that it does not come back:\n"
            f"ALTER ROLE {user} SET idle_in_transaction_session_timeout = '5min';",
        )


def _blocking(examination: Examination, blockers: list[dict[str, Any]]) -> None:
    for subject, group in _by_subject(blockers):
        waiters = sum(row["waiters"] for row in group)
        # Cancelling does nothing to a session that idles.
        statement = CANCEL if all(row["state"] == "active" for row in group) else TERMINATE
        examination.find(
            BLOCKING,
            subject,
            f"{count(waiters, 'session waits', 'sessions wait')} for {who(group[0])}",
            session_severity.of_blocked(_longest(group)),
            detail=f"For {duration(_longest(group))}. It is {group[0]['state']}: {_described(group)}",
            fix=_each(group, statement),
        )


def who(row: dict[str, Any]) -> str:
    """`role ada, psql`: the same from run to run, which a pid is not."""
    return f"role {row['user'] or 'unknown'}, {row['application'] or 'no application name'}"


def _by_subject(sessions: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Sessions of one role and application are one finding; they come in that order."""
    key: Callable[[dict[str, Any]], str] = who
    return [(subject, list(group)) for subject, group in groupby(sorted(sessions, key=key), key)]


def _longest(group: list[dict[str, Any]]) -> float:
    return float(max(row["seconds"] for row in group))


def _described(group: list[dict[str, Any]]) -> str:
    texts = dict.fromkeys(without_literals(row["query"] or "") for row in group)
    pids = ", ".join(str(row["pid"]) for row in group)
    return f"{' | '.join(texts)} (pid {pids})"


def _reported(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": row["user"],
        "application": row["application"],
        "seconds": round(row["seconds"], 1),
        "query": without_literals(row["query"] or ""),
    }


def _each(group: list[dict[str, Any]], statement: str) -> str:
    return "\n".join(statement.format(pid=row["pid"], start=row["backend_start"].isoformat()) for row in group)


PARTS: Final = (Part("connections", "Connections and long queries", KINDS, look),)
