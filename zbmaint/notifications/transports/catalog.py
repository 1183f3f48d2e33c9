"""The catalogue of transports: one line each."""

from __future__ import annotations

from zbmaint.notifications.transports.chat import chat
from zbmaint.notifications.transports.email import email
from zbmaint.notifications.transports.transport import Transport
from zbmaint.notifications.transports.webhook import webhook

CATALOG: dict[str, Transport] = {transport.key: transport for transport in (webhook, email, chat)}
TITLES: dict[str, str] = {key: transport.title for key, transport in CATALOG.items()}


def lacks(key: str) -> str:
    """What is not set up for the transport `key`, in a sentence; "" when it can send."""
    return CATALOG[key].lacks() if key in CATALOG else f"There is no transport {key!r} in this version."
