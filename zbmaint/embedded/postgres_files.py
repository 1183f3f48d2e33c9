"""The configuration files of an embedded PostgreSQL, as text, and how they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from zbmaint.processes import Account

# Small enough for a laptop; the rest is PostgreSQL's default, so that what we say about a server is about a usual one.
SETTINGS: Mapping[str, str] = {
    "cluster_name": "zbmaint",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "track_io_timing": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d %a ",
    "log_checkpoints": "off",
    "logging_collector": "off",
}
# For tests: nothing in these clusters is meant to survive the machine.
NOT_DURABLE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def settings_text(settings: Mapping[str, str]) -> str:
    """Write settings in postgresql.conf's syntax."""
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def network_settings(sockets: Path, port: int, *, tcp: bool) -> dict[str, str]:
    """Settings for a server behind a socket folder, and on 127.0.0.1 as well with `tcp`."""
    # The list splits at commas outside double quotes.
    folder = str(sockets).replace('"', '""')
    return {
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        "unix_socket_directories": f'"{folder}"',
        "unix_socket_permissions": "0700",
    }


def access_text(*, tcp: bool, mapped: bool = True) -> str:
    """Write pg_hba.conf: on the socket the operating system says who it is; over TCP a password does.

    Before PostgreSQL 16 no map leads to any role (`mapped` is false): there the socket's mode alone keeps others out.
    """
    method = "peer map=owners" if mapped else "trust"
    lines = [f"local all all {method}", f"local replication all {method}"]
    if tcp:
        lines += ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"]
    return "".join(f"{line}\n" for line in lines)


def identities_text(names: Iterable[str]) -> str:
    """Write pg_ident.conf: these accounts, and no others, may be any role."""
    return "".join(f'owners "{name}" all\n' for name in names)


def write(path: Path, text: str, account: Account | None) -> None:
    """Write a file of `account` (None: ours), mode 0600, whole or not at all.

    Goes through a new file, because as root we write into a folder of another account and must not follow its links.
    """
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        if account is not None:
            os.fchown(file.fileno(), account.uid, account.gid)
    os.replace(unfinished, path)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
