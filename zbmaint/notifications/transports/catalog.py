"""The catalogue of transports: one line each."""

from __future__ import annotations

from zbmaint.notifications.transports.transport import Transport
from zbmaint.notifications.transports.webhook import webhook

CATALOG: dict[str, Transport] = {transport.key: transport for transport in (webhook,)}
