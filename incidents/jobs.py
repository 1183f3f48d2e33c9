"""The functions that django-q2 calls. They carry ids and tokens only."""

from __future__ import annotations

from incidents.actions import reading


def read_delivery(delivery_id: int, token: str) -> None:
    """Read what a source has delivered."""
    reading.read(delivery_id, token)
