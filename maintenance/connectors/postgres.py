"""Sessions in a PostgreSQL target: opened, described, and ended when the run that they belong to was lost."""

from __future__ import annotations

import contextlib
import math
import time
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from maintenance.connectors.deadline import within
from maintenance.connectors.postgres_diagnosis import diagnose
from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.references import resolve

__all__ = ["ConnectionProblem", "Session", "describe", "end_sessions", "open_session"]

CONNECT_SECONDS: Final = 5
# Name resolution and hosts with many addresses do not count towards libpq's own limit.
CONNECT_DEADLINE_SECONDS: Final = 6.0
END_SECONDS: Final = 10.0
# The server drops an application name's bytes beyond this (NAMEDATALEN).
LONGEST_APPLICATION_NAME: Final = 63

Session = psycopg.Connection[dict[str, Any]]


def open_session(
    reference: str, *, application_name: str, read_only: bool = False, seconds: float | None = None
) -> Session:
    """Open an autocommit session that returns rows as dicts, with every wait limited, in UTC.

    `read_only` refuses writes and limits statements to 10 s instead of 10 min. The server ends a statement within
    about a second of its client's death (PostgreSQL 14 and later).
    Raises ConnectionProblem within 15 s, naming host, user or password, or database, without a secret. `seconds` is for
    who cannot wait so long: silence is a problem after that, and nobody looks for its cause.
    """
    parameters = resolve(reference)
    wanted = _session_parameters(parameters, application_name, read_only)
    if seconds is not None:
        # libpq itself takes no less than two.
        wanted["connect_timeout"] = str(max(2, math.ceil(seconds)))
    trouble: Exception
    try:
        session = within(seconds or CONNECT_DEADLINE_SECONDS, lambda: _connect(wanted), psycopg.Connection.close)
    except (psycopg.Error, TimeoutError) as error:
        trouble = error
    else:
        if session.info.server_version >= 140000:
            # Not a start-up option, which a PostgreSQL 13 would refuse; a server on Windows refuses any value.
            with contextlib.suppress(psycopg.errors.InvalidParameterValue):
                session.execute("SET client_connection_check_interval = 1000")
        return session
    # Raised here, outside the handler, so that nothing of the driver's own error hangs on it.
    if seconds is not None and isinstance(trouble, TimeoutError | psycopg.errors.ConnectionTimeout):
        host = parameters.get("host") or parameters.get("hostaddr") or "the local socket"
        raise ConnectionProblem("host", f"Host: {host} did not answer within {seconds:g} s.")
    raise diagnose(reference, wanted, trouble)


def end_sessions(reference: str, application_name_prefix: str) -> list[int]:
    """End what the sessions named `prefix` or `prefix:…` still do on the target; wait until they are gone.

    Only sessions of the same database and role are meant. Returns their pids. Raises ConnectionProblem when the target
    cannot be reached, or when a session is still there after 10 s.
    """
    prefix = application_name_prefix.rstrip(":")
    ended: list[int] = []
    deadline = time.monotonic() + END_SECONDS
    with open_session(reference, application_name="zbmaint:end-sessions") as session:
        while True:
            found = [row["pid"] for row in session.execute(_TERMINATE, {"prefix": prefix})]
            ended += [pid for pid in found if pid not in ended]
            if not found:
                return ended
            if time.monotonic() > deadline:
                raise ConnectionProblem(
                    "server", f"The sessions {found} of {prefix} do not end; end their processes on the server."
                )
            time.sleep(0.05)


def describe(reference: str) -> dict[str, str]:
    """Say where a reference leads: `host`, `port`, `database`, `user`, and `problem` when it leads nowhere.

    Holds no password, asks no server and never raises.
    """
    try:
        parameters = resolve(reference)
    except ConnectionProblem as problem:
        return {"host": "", "port": "", "database": "", "user": "", "problem": str(problem)}
    return {
        "host": parameters.get("host") or parameters.get("hostaddr", ""),
        "port": parameters.get("port", ""),
        "database": parameters.get("dbname", ""),
        "user": parameters.get("user", ""),
        "problem": "",
    }


_TERMINATE: Final = """
SELECT pid, pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
  AND (application_name = %(prefix)s OR starts_with(application_name, %(prefix)s || ':'))
ORDER BY pid
"""


def _connect(parameters: dict[str, str]) -> Session:
    return psycopg.connect(**parameters, autocommit=True, row_factory=dict_row)  # type: ignore[arg-type]  # all text


def _session_parameters(parameters: dict[str, str], application_name: str, read_only: bool) -> dict[str, str]:
    limits = {
        "statement_timeout": "10s" if read_only else "10min",
        "lock_timeout": "1s" if read_only else "2s",
        "idle_in_transaction_session_timeout": "60s",
        "default_transaction_read_only": "on" if read_only else "off",
        "TimeZone": "UTC",
    }
    options = " ".join([parameters.get("options", ""), *(f"-c {name}={value}" for name, value in limits.items())])
    # A dead network is noticed while a statement of hours says nothing.
    network = {
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
    }
    return {
        **network,
        **parameters,
        "connect_timeout": str(CONNECT_SECONDS),
        "application_name": application_name.encode()[:LONGEST_APPLICATION_NAME].decode(errors="ignore"),
        "options": options.strip(),
    }
