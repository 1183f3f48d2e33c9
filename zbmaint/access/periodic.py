"""The periodic work of this app, called by the ticker."""

from __future__ import annotations

import datetime as dt

from zbmaint import beat
from zbmaint.access.sessions import SessionStore


def purge_sessions(_: dt.datetime) -> None:
    """Delete the rows of sessions that have ended; they are only in the way."""
    SessionStore.clear_expired()


beat.register("sessions.purge", dt.timedelta(days=1), purge_sessions)
