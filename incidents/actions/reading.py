"""Reading a delivery: understood, and taken in, in one transaction with its end."""

from __future__ import annotations

import os
import socket
from collections import Counter
from contextlib import suppress

import structlog
from django.db import Error, InterfaceError, OperationalError, transaction

from incidents.actions import alerts, deliveries
from incidents.intake.body import decode
from incidents.intake.catalog import CATALOG
from incidents.intake.group import Group, Reading, Unreadable
from incidents.models import Delivery

log = structlog.get_logger(__name__)
SWITCHED_OFF = "The source is switched off. Switch it on, then try again."


def read(token: str) -> None:
    """Read the delivery that has this token. A second call with the same or an old token does nothing.

    What cannot be understood stays, with the reason, for people; it stops nothing that comes after it. What a deadlock
    or a lost connection interrupts is read again.
    """
    delivery = deliveries.claim(token, f"{socket.gethostname()}:{os.getpid()}")
    if delivery is None:
        log.info("delivery.not_claimed")
        return
    try:
        counts = _take_in(delivery)
    except Unreadable as problem:
        deliveries.settle(delivery, error=str(problem))
        log.warning("delivery.unreadable", delivery=delivery.pk, source=delivery.source.slug)
    except (OperationalError, InterfaceError) as problem:
        log.error("delivery.interrupted", delivery=delivery.pk, kind=type(problem).__name__)
        with suppress(Error):  # else the lease runs out
            deliveries.let_go(delivery)
    except Exception as problem:  # a bug must cost this delivery, not those after it
        log.exception("delivery.failed", delivery=delivery.pk, source=delivery.source.slug)
        deliveries.settle(delivery, error=f"Reading it ended with an error of the product: {type(problem).__name__}.")
    else:
        log.info("delivery.read", delivery=delivery.pk, source=delivery.source.slug, **counts)


def _take_in(delivery: Delivery) -> Counter[str]:
    group = _group(delivery)
    with transaction.atomic():
        if not deliveries.held(delivery):
            return Counter()
        counts = alerts.take(delivery.source, group, delivery.received_at)
        told = {str(name): count for name, count in counts.items()}
        deliveries.settle(delivery, counts=told | ({"truncated": group.truncated} if group.truncated else {}))
    return counts


def _group(delivery: Delivery) -> Group:
    source = delivery.source
    if not source.enabled:
        raise Unreadable(SWITCHED_OFF)
    how = Reading(source.severities, source.default_severity, delivery.received_at)
    return CATALOG[source.kind].read(decode(bytes(delivery.body)), how)
