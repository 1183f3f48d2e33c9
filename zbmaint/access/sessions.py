"""Sessions are kept in the database, and read there with one question that is made once.

That takes less time than asking Redis for a copy, and a session is as good as the database is: ended is ended.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from zbmaint.prepared import Prepared

STORED: Final = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    "",
    dt.datetime(1, 1, 1, tzinfo=dt.UTC),
)


class SessionStore(DatabaseStore):
    """The session of a request."""

    def _get_session_from_db(self) -> Session | None:
        """The row of the session; None for a key that nobody has, which is then forgotten."""
        key = self.session_key
        found = STORED.objects(key, timezone.now()) if key and key.isalnum() else []
        if found:
            return found[0]
        self._session_key = None
        return None
