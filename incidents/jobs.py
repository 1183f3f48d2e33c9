"""The functions that django-q2 calls. They carry tokens only."""

from __future__ import annotations

from incidents.actions import reading


def read_delivery(token: str) -> None:
    """Read what a source has delivered."""
    reading.read(token)
