"""Why a session could not be opened: which of host, TLS, login, database or server is wrong.

The server says why in its own language, and libpq passes on only the words. The code behind them (SQLSTATE) is in the
protocol, so the attempt is made once more with libpq's trace. Where no code comes, plain TCP tells host from TLS.
"""

from __future__ import annotations

import os
import re
import select
import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import Final

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from maintenance.connectors.deadline import within
from maintenance.connectors.problems import ConnectionProblem

TRACE_SECONDS: Final = 4.0
PROBE_SECONDS: Final = 3.0
DEFAULT_PORT: Final = "5432"
LARGEST_TRACE: Final = 1 << 20
ERROR_LINE: Final = re.compile(r'^B\t\d+\tErrorResponse\t.*? C "([0-9A-Z]{5})"(?: M "(.*?)" [A-Z] ")?', re.MULTILINE)


# What a server's refusal means: which part is wrong, and the words for it.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "28P01": ("login", "User or password: {server} refuses user {user}. {where}"),
    "28000": (
        "login",
        (
            "User or password: {server} does not let user {user} in from here. Check that the role exists, may log in, "
            "and has a rule in pg_hba.conf for database {database}. {where}{says}"
        ),
    ),
    "3D000": ("database", "Database: there is no database {database} on {server}. {where}"),
    "42501": (
        "database",
        (
            "Database: user {user} may not connect to database {database} on {server}. As its owner: "
            "GRANT CONNECT ON DATABASE {database} TO {user};"
        ),
    ),
    "55000": ("database", "Database: {database} on {server} accepts no connections.{says}"),
    "53300": ("server", "Server: {server} has no connection left. End idle sessions or raise the limit.{says}"),
    "57P03": ("server", "Server: {server} is starting, stopping or recovering; try again later.{says}"),
    "08P01": (
        "server",
        (
            "Server: {server} refuses the session's settings. Behind a connection pooler give the URL of PostgreSQL "
            "itself. {where}{says}"
        ),
    ),
}
UNKNOWN: Final = ("server", "Server: {server} refused the session ({code}). {where}{says}")


@dataclass(frozen=True)
class Refusal:
    """What the server and libpq said. `sqlstate` is empty when the server never came to speak."""

    sqlstate: str
    server_message: str
    client_message: str
    needs_password: bool


def diagnose(reference: str, parameters: dict[str, str], trouble: Exception) -> ConnectionProblem:
    """Find out what is wrong after `trouble` with these libpq parameters; takes at most 8 s."""
    place = _Place.of(reference, parameters)
    if isinstance(trouble, TimeoutError | psycopg.errors.ConnectionTimeout):
        refusal = Refusal("", "", "no answer", needs_password=False)
    else:
        try:
            refusal = within(TRACE_SECONDS + 1, lambda: _refusal(parameters))
        except TimeoutError:
            refusal = Refusal("", "", "no answer", needs_password=False)
    if refusal.sqlstate:
        return _from_sqlstate(place, refusal)
    if refusal.needs_password:
        return ConnectionProblem(
            "login", f"No password: the server at {place.server} asks for one for user {place.user}. {place.where}"
        )
    unreachable = _unreachable(parameters)
    if unreachable:
        return ConnectionProblem("host", f"Host: {unreachable} {place.where}")
    return _not_understood(place, parameters, refusal)


@dataclass(frozen=True)
class _Place:
    """The words for what was tried. `password` is there to be kept out of every message."""

    server: str
    user: str
    database: str
    where: str
    password: str

    @classmethod
    def of(cls, reference: str, parameters: dict[str, str]) -> _Place:
        host = parameters.get("host") or parameters.get("hostaddr") or "the local socket"
        port = parameters.get("port", DEFAULT_PORT)
        source = "DATABASE_URL" if reference == "own" else reference
        return cls(
            server=f"{host}:{port}",
            user=_quoted(parameters.get("user", "")),
            database=_quoted(parameters.get("dbname", "")),
            where=f"Check the URL in {source}.",
            password=parameters.get("password", ""),
        )

    def quote(self, message: str) -> str:
        """Quote a message of the server or of libpq, unless the password is in it."""
        text = " ".join(message.split())
        return "" if not text or (self.password and self.password in text) else f" It says: {text[:300]}"


def _from_sqlstate(place: _Place, refusal: Refusal) -> ConnectionProblem:
    part, words = WORDS.get(refusal.sqlstate, UNKNOWN)
    message = words.format(
        server=place.server,
        user=place.user,
        database=place.database,
        where=place.where,
        code=refusal.sqlstate,
        says=place.quote(refusal.server_message),
    )
    return ConnectionProblem(part, message)


def _not_understood(place: _Place, parameters: dict[str, str], refusal: Refusal) -> ConnectionProblem:
    """The host answers, but no session came about and the server gave no reason."""
    mode = parameters.get("sslmode", "prefer")
    says = place.quote(refusal.client_message)
    if mode in ("require", "verify-ca", "verify-full") and refusal.client_message != "no answer":
        return ConnectionProblem(
            "tls",
            f"TLS: the connection to {place.server} could not be secured (sslmode={mode}). Name the server's authority "
            f"with sslrootcert=/path in the URL, or accept another sslmode there. {place.where}{says}",
        )
    return ConnectionProblem("host", f"Host: {place.server} answers, but not as PostgreSQL. {place.where}{says}")


def _quoted(name: str) -> str:
    """Quote a name as SQL does, so that a statement in a message can be copied."""
    return '"' + name.replace('"', '""') + '"'


def _refusal(parameters: dict[str, str]) -> Refusal:
    """Try to connect with libpq's trace on; the trace may hold secrets and lives in memory only."""
    deadline = time.monotonic() + TRACE_SECONDS
    connection = pq.PGconn.connect_start(make_conninfo(**parameters).encode())
    trace = os.memfd_create("libpq-trace")
    try:
        if connection.status != pq.ConnStatus.BAD:
            connection.trace(trace)
            connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        while connection.status != pq.ConnStatus.BAD:
            step = connection.connect_poll()
            left = deadline - time.monotonic()
            if step in (pq.PollingStatus.OK, pq.PollingStatus.FAILED) or left <= 0:
                break
            wanted = [connection.socket]
            reading = step == pq.PollingStatus.READING
            select.select(wanted if reading else [], [] if reading else wanted, [], left)
        needs_password, message = connection.needs_password, connection.get_error_message()
        # Writes out what libpq has buffered.
        connection.untrace()
        connection.finish()
        said = ERROR_LINE.search(os.pread(trace, LARGEST_TRACE, 0).decode(errors="replace"))
    finally:
        os.close(trace)
    code, server_message = (said[1], said[2] or "") if said else ("", "")
    return Refusal(code, server_message, message, needs_password)


def _unreachable(parameters: dict[str, str]) -> str:
    """Say why no host of the connection can be reached by plain TCP or socket; empty when one can."""
    hosts = (parameters.get("hostaddr") or parameters.get("host") or os.environ.get("PGHOST", "")).split(",")
    ports = parameters.get("port", DEFAULT_PORT).split(",")
    reasons = []
    for number, host in enumerate(hosts):
        port = ports[number] if number < len(ports) else ports[-1]
        try:
            within(PROBE_SECONDS / len(hosts), partial(_touch, host, port))
        except TimeoutError:
            reasons.append(f"{host}:{port} does not answer.")
        except socket.gaierror:
            reasons.append(f'the name "{host}" does not resolve.')
        except OSError as error:
            reasons.append(f"{host or 'the local socket'}:{port} cannot be reached ({error.strerror}).")
        else:
            return ""
    return " ".join(reasons)


def _touch(host: str, port: str) -> None:
    if host == "" or host.startswith("/"):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(f"{host or '/tmp'}/.s.PGSQL.{port}")  # noqa: S108 - libpq's own default
    else:
        socket.create_connection((host, int(port)), timeout=PROBE_SECONDS).close()
