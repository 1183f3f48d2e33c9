"""The functions that django-q2 calls. They carry tokens only."""

from __future__ import annotations

from incidents.actions import reading
from zbmaint.notifications.jobs import deliver_urgent


def read_delivery(token: str) -> None:
    """Read what a source has delivered; first deliver what calls somebody, which must not wait behind a storm."""
    deliver_urgent()
    reading.read(token)
