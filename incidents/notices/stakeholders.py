"""Telling every stakeholder of something that is no ticket, in the transaction that causes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from incidents.models import Stakeholder
from zbmaint.notifications import outbox, rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.outbox import Message

BECAUSE: Final = "This address is told of planned work and of incidents."


def tell_all(
    kind: str, *, event: str, topic: str, subject: str, payload: Mapping[str, Any], occurred_at: dt.datetime
) -> list[Notice]:
    """Post to every active stakeholder, whatever tickets they are told of; to each address once.

    `payload` as in `zbmaint.notifications.transports.letter`.
    """
    where = {(each.channel, each.address.lower()): each for each in Stakeholder.objects.filter(active=True)}
    return outbox.post_all(
        [
            Message(
                kind=kind,
                event=event,
                topic=topic,
                subject=subject,
                transport=each.channel,
                recipient=each.address,
                payload={**payload, "because": BECAUSE},
                occurred_at=occurred_at,
                priority=rules.LATER,
            )
            for each in where.values()
        ]
    )
