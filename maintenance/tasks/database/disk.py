"""Free disk space on the target's host. No SQL tells it; where the server runs beside us, the kernel does."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

from maintenance.connectors.postgres import Session
from maintenance.tasks.database.survey import rows

PEER: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid

TABLESPACE: Final = """
SELECT s.oid::int8 AS oid, s.spcname = 'pg_default' AS is_default
FROM pg_class c CROSS JOIN pg_database d
     JOIN pg_tablespace s ON s.oid = coalesce(nullif(c.reltablespace, 0), d.dattablespace)
WHERE c.oid = %(oid)s AND d.datname = current_database()
"""


def free_bytes(session: Session, oid: int) -> int | None:
    """Bytes that the server may still write where relation `oid` lies; None when that cannot be known.

    It can over a socket of this machine, when we may look at the server's process: its working directory is its data.
    """
    data = _data_directory(session)
    found = rows(session, TABLESPACE, {"oid": oid})
    if data is None or not found:
        return None
    place = data if found[0]["is_default"] else data / "pg_tblspc" / str(found[0]["oid"])
    try:
        disk = os.statvfs(place)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def _data_directory(session: Session) -> Path | None:
    """The data directory by way of the process that listens on our socket; None when it is not PostgreSQL itself."""
    if not session.info.host.startswith("/"):
        return None
    try:
        with socket.socket(fileno=os.dup(session.fileno())) as peer:
            pid, _, _ = PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))
        data = Path(f"/proc/{pid}/cwd")
        # A pooler has a socket too. In another container the process has no number here.
        return data if pid and (data / "global" / "pg_control").exists() else None
    except OSError:
        return None
