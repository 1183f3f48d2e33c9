"""One maintenance at a time in a database, held by the database itself: advisory locks that die with their session.

Our own lock groups say the same, but another installation, or a session that outlived its worker, knows nothing of
them. Every session that works holds the lock shared, so the last one that is left still keeps others out.
"""

from __future__ import annotations

import time
from typing import Final

from maintenance.connectors.postgres import Session
from maintenance.task import TaskFailed
from maintenance.tasks.database.survey import one, rows

# The suffix keeps it apart from the lock of the group db:<target>, which may live in the same database.
KEY: Final = "hashtextextended('zbmaint:db:' || current_database() || ':work', 0)"

# A session that its client has closed lives a moment longer on the server: the run before may have ended just now.
GRACE_SECONDS: Final = 1.0

HOLDERS_OF: Final = """
SELECT l.pid, a.application_name, a.usename
FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::int8 << 32) | l.objid::int8 = {key}
ORDER BY l.pid
"""
HOLDERS: Final = HOLDERS_OF.format(key=KEY)


def close_gate(session: Session) -> None:
    """Enter as the first session of a run. TaskFailed, naming who is inside, when somebody is."""
    # Exclusive: proves that nobody is inside. Then shared, so that the run's other sessions may follow. Tried, not
    # waited for: whoever waits for it exclusively keeps the other sessions of the run that is inside from following.
    deadline = time.monotonic() + GRACE_SECONDS
    while not one(session, f"SELECT pg_try_advisory_lock({KEY}) AS got")["got"]:
        if time.monotonic() >= deadline:
            raise TaskFailed(_occupied(session))
        time.sleep(0.05)
    session.execute(f"SELECT pg_advisory_lock_shared({KEY}), pg_advisory_unlock({KEY})")


def follow(session: Session) -> None:
    """Enter after the first session of the same run."""
    if not one(session, f"SELECT pg_try_advisory_lock_shared({KEY}) AS got")["got"]:
        raise TaskFailed(_occupied(session))


def _occupied(session: Session) -> str:
    inside = [
        f"{row['application_name'] or row['usename'] or 'an unknown session'} (pid {row['pid']})"
        for row in rows(session, HOLDERS)
    ]
    return f"Another maintenance works on this database: {', '.join(inside) or 'it has just ended'}. Try again later."
