"""Idle connections: who keeps how many for how long, and what the server does about it. Nothing is ended here.

Report: `idle_connections` [{`user`, `application`, `client`, `idle`, `working`, `longest_idle_seconds`}],
`connection_settings` (name to value).
"""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from maintenance.rules.amounts import count, duration
from maintenance.task import Parameter
from maintenance.tasks.database.connections import who
from maintenance.tasks.database.part import Examination, NotMeasured, Part
from maintenance.tasks.database.survey import rows

IDLE: Final = "idle_connections"
UNNAMED: Final = "unnamed_sessions"
KINDS: Final = frozenset({IDLE, UNNAMED})

PARAMETERS: Final = (
    Parameter("pool_idle", "So many idle connections of one application are worth a word", 10, 1, 10_000),
    Parameter("pool_idle_seconds", "Idle for so many seconds counts", 600, 0, 604_800),
)

# Sessions that work or are in a transaction are what a pool needs at this moment.
HOLDERS: Final = """
SELECT usename::text AS "user", application_name AS application, coalesce(host(client_addr), 'local') AS client,
       count(*) FILTER (WHERE state = 'idle') AS idle, count(*) FILTER (WHERE state <> 'idle') AS working,
       count(*) FILTER (WHERE state = 'idle' AND clock_timestamp() - state_change
                                                  >= make_interval(secs => %(seconds)s)) AS long_idle,
       (max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE state = 'idle'))::float8 AS longest
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND NOT starts_with(application_name, %(ours)s)
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
"""

# Not those that our own session sets for itself: of these the server's values cannot be seen from it.
SETTINGS: Final = """
SELECT name, setting || coalesce(unit, '') AS value FROM pg_settings
WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections', 'idle_session_timeout')
ORDER BY name
"""


def look(examination: Examination) -> str:
    """Review who idles, and the settings."""
    context, server = examination.context, examination.server
    settings = {row["name"]: row["value"] for row in rows(examination.session, SETTINGS)}
    context.report(connection_settings=settings)
    if not server.sees_other_sessions:
        user = sql.Identifier(server.user).as_string()
        raise NotMeasured(f"role {server.user} may not see what other sessions do; GRANT pg_monitor TO {user}; lets it")
    given = {parameter.key: parameter.default for parameter in PARAMETERS} | dict(context.parameters)
    ours = f"zbmaint:run-{context.run_id}:"
    found = rows(examination.session, HOLDERS, {"ours": ours, "seconds": given["pool_idle_seconds"]})
    context.report(idle_connections=[_reported(row) for row in found])
    for row in found:
        if row["long_idle"] >= given["pool_idle"]:
            _idle(examination, row, given["pool_idle_seconds"])
    _unnamed(examination, [row for row in found if not row["application"]])
    idle = sum(row["idle"] for row in found)
    context.fact("idle_connections", "Idle connections", idle, note=f"{sum(row['working'] for row in found):,} at work")
    return f"{count(idle, 'idle connection')} of {count(len(found), 'application')}"


def _idle(examination: Examination, row: dict[str, Any], seconds: int) -> None:
    enough = row["working"] + row["idle"] - row["long_idle"] + 2
    user = sql.Identifier(row["user"]).as_string()
    # Since PostgreSQL 14.
    ends_idle = examination.server.number >= 140000
    ending = f"\nALTER ROLE {user} SET idle_session_timeout = '1h';" if ends_idle else ""
    examination.find(
        IDLE,
        f"{who(row)}, {row['client']}",
        f"{count(row['long_idle'], 'connection')} of {who(row)} idle for more than {duration(seconds)}",
        "low",
        detail=f"From {row['client']}; the longest for {duration(row['longest'])}. Now {row['working']:,} are at work. "
        "Each keeps memory, and is missing when connections run out.",
        fix=f"-- set the application's pool to about {enough:,} connections (seen at work now, and two more).{ending}",
    )


def _unnamed(examination: Examination, found: list[dict[str, Any]]) -> None:
    for user in dict.fromkeys(row["user"] for row in found):
        number = sum(row["idle"] + row["working"] for row in found if row["user"] == user)
        examination.find(
            UNNAMED,
            f"role {user}",
            f"{count(number, 'session')} of role {user} do not say which application they are",
            "low",
            detail="At 3 a.m. nobody knows whom to call about them.",
            fix="-- in the application's connection URL:\n?application_name=the-name-of-the-application",
        )


def _reported(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": row["user"],
        "application": row["application"],
        "client": row["client"],
        "idle": row["idle"],
        "working": row["working"],
        "longest_idle_seconds": round(row["longest"], 1) if row["longest"] is not None else None,
    }


PARTS: Final = (Part("pool", "Idle connections", KINDS, look),)
