"""The functions that django-q2 calls. They carry tokens only."""

from __future__ import annotations

import time

from incidents.actions import reading
from zbmaint.notifications.jobs import deliver_urgent

# For so long a worker goes on with what waits: a message costs the queue more than reading what it names.
GO_ON_SECONDS = 5.0


def read_delivery(token: str) -> None:
    """Read what a source has delivered, and for a while what else waits; their own messages find it done.

    What calls somebody is delivered first, and in between: it must not wait behind a storm.
    """
    until = time.monotonic() + GO_ON_SECONDS
    deliver_urgent()
    reading.read(token)
    while time.monotonic() < until and reading.read_waiting():
        deliver_urgent()
