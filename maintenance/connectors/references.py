"""References: where the connection URL of a target stands. It is read when a session opens and kept nowhere."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from maintenance.connectors.problems import ConnectionProblem

REFERENCE: Final = re.compile(r"own|env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")
SHAPE: Final = "postgresql://user:password@host:5432/database?sslmode=verify-full"
# libpq itself knows which parameters a connection has; Django's options hold others, such as `pool`.
KEYWORDS: Final = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())
DJANGO_KEYWORDS: Final = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
LARGEST_FILE: Final = 16_384
# Who opens sessions, looks at probes and tries connections.
READERS: Final = "workers, probers and web server"


def resolve(reference: str) -> dict[str, str]:
    """Return libpq's parameters for `own`, `env:NAME` or `file:/path`.

    `sslmode` is `verify-full` unless the URL says otherwise or the server is on this machine.
    Raises ConnectionProblem (part `reference`) that says what to set, without quoting what was found.
    """
    if reference == "own":
        parameters = own_parameters(settings.DATABASES["default"])
    else:
        parameters = parse(*read_reference(reference, "", SHAPE))
    if "sslmode" not in parameters and not on_this_machine(parameters):
        parameters["sslmode"] = "verify-full"
    return parameters


def read_reference(reference: str, own: str, shape: str) -> tuple[str, str]:
    """Return the URL that `own` (given), `env:NAME` or `file:/path` holds, and words for where it stands.

    Raises ConnectionProblem (part `reference`) that says to set something of this `shape`.
    """
    if reference == "own":
        return own, "The product's own setting"
    if reference.startswith("env:"):
        return _read_variable(reference[4:], shape), f"The environment variable {reference[4:]}"
    if reference.startswith("file:"):
        return _read_file(Path(reference[5:]), shape), f"The file {reference[5:]}"
    raise ConnectionProblem("reference", f"{reference!r} is no reference: write own, env:NAME or file:/path.")


def parse(url: str, where: str) -> dict[str, str]:
    """Return the parameters of a connection URL; `where` names it in the ConnectionProblem of a malformed one."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConnectionProblem("reference", f"{where} does not hold a connection URL; it looks like {SHAPE}.")
    try:
        found = conninfo_to_dict(url)
    except psycopg.Error:
        # The driver's message quotes pieces of the URL, perhaps of the password.
        found = None
    # libpq looks at the port only when it connects.
    if found is None or not all(port.isdigit() for port in str(found.get("port") or "0").split(",") if port):
        raise ConnectionProblem(
            "reference",
            f"{where} holds a malformed URL. It looks like {SHAPE}; write @ : / ? # % in a password as %40 %3A %2F "
            "%3F %23 %25.",
        )
    parameters = {key: str(value) for key, value in found.items() if value is not None}
    if "dbname" not in parameters:
        raise ConnectionProblem("reference", f"{where} names no database; the URL looks like {SHAPE}.")
    return parameters


def own_parameters(database: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of a Django database setting; what is not libpq's is left out."""
    parameters = {word: str(database[key]) for key, word in DJANGO_KEYWORDS.items() if database.get(key)}
    options = database.get("OPTIONS") or {}
    # `options` steers our own web sessions, and a maintenance session sets its own.
    parameters |= {key: str(value) for key, value in options.items() if key in KEYWORDS - {"options"}}
    return parameters


def on_this_machine(parameters: dict[str, str]) -> bool:
    """Whether every host of the connection is a Unix socket or a loopback address."""
    given = parameters.get("hostaddr") or parameters.get("host") or os.environ.get("PGHOST", "")
    return all(_is_local(host) for host in given.split(","))


def _is_local(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read_variable(name: str, shape: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConnectionProblem(
            "reference",
            f"The environment variable {name} is not set here. Set it for {READERS} to {shape}.",
        )
    return value


def _read_file(path: Path, shape: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LARGEST_FILE).strip()
    except UnicodeDecodeError:
        trouble = "is not text"
    except OSError as error:
        trouble = f"cannot be read ({error.strerror})"
    raise ConnectionProblem("reference", f"The file {path} {trouble}. It must hold {shape}, readable for {READERS}.")
