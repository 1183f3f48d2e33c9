"""Reading deliveries: understood one by one, and taken in, several in one transaction with their end."""

from __future__ import annotations

import os
import socket
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import structlog
from django.db import Error, InterfaceError, OperationalError, transaction

from incidents.actions import alerts, deliveries
from incidents.actions.alerts import Delivered
from incidents.intake.body import decode
from incidents.intake.catalog import CATALOG
from incidents.intake.group import Group, Reading, Unreadable
from incidents.models import Delivery

log = structlog.get_logger(__name__)
SWITCHED_OFF = "The source is switched off. Switch it on, then try again."
Understood = tuple[Delivery, Group]
Counts = dict[str, int]  # how many of its alerts were what news


def read(token: str) -> None:
    """Read the delivery that has this token, and with it others of its source that wait.

    A second call with the same or an old token does nothing. What cannot be understood stays, with the reason, for
    people; it stops nothing that is read with it or comes after it. What a deadlock or a lost connection interrupts is
    read again.
    """
    claimed = deliveries.claim(token, _me())
    if not claimed:
        log.info("delivery.not_claimed")
    _read(claimed)


def read_waiting() -> bool:
    """Read the delivery that waits longest, with others as above; False when there is none, or it was interrupted."""
    claimed = deliveries.claim_waiting(_me())
    return bool(claimed) and _read(claimed)


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _read(claimed: Sequence[Delivery]) -> bool:
    """Read claimed deliveries of one source; False when that was interrupted."""
    understood: list[Understood] = []
    for delivery in claimed:
        try:
            understood.append((delivery, _group(delivery)))
        except Unreadable as problem:
            deliveries.settle([delivery], error=str(problem))
            log.warning("delivery.unreadable", delivery=delivery.pk, source=delivery.source.slug)
        except Exception as problem:
            _fail(delivery, problem)
    return not understood or _keep(understood)


def _keep(understood: Sequence[Understood]) -> bool:
    """Take in what was understood; False when that was interrupted.

    When it fails nothing of it is kept, and each is taken in alone: a bug must cost one delivery, no other one.
    """
    try:
        told = _take_in(understood)
    except (OperationalError, InterfaceError) as problem:
        interrupted = [delivery for delivery, _ in understood]
        log.error("delivery.interrupted", deliveries=[each.pk for each in interrupted], kind=type(problem).__name__)
        with suppress(Error):  # else the lease runs out
            deliveries.let_go(interrupted)
        return False
    except Exception as problem:
        if len(understood) > 1:
            log.warning("delivery.one_by_one", count=len(understood), kind=type(problem).__name__)
            alone = [_keep([each]) for each in understood]
            return all(alone)
        _fail(understood[0][0], problem)
        return True
    for delivery, counts in told:
        log.info("delivery.read", delivery=delivery.pk, source=delivery.source.slug, **counts)
    return True


@transaction.atomic
def _take_in(understood: Sequence[Understood]) -> list[tuple[Delivery, Counts]]:
    """Take it in, and write what became of each; returns that, without those that are another worker's meanwhile."""
    groups = {delivery.pk: group for delivery, group in understood}
    held = deliveries.held([delivery for delivery, _ in understood])
    if not held:
        return []
    taken = alerts.take(held[0].source, [Delivered(groups[each.pk], each.received_at) for each in held])
    told = []
    for delivery, counted in zip(held, taken, strict=True):
        truncated = groups[delivery.pk].truncated
        counts = {str(news): count for news, count in counted.items()}
        told.append((delivery, counts | ({"truncated": truncated} if truncated else {})))
    same: dict[tuple[tuple[str, int], ...], list[Delivery]] = defaultdict(list)
    for delivery, counts in told:
        same[tuple(sorted(counts.items()))].append(delivery)
    for facts, settled in same.items():
        deliveries.settle(settled, counts=dict(facts))
    return told


def _group(delivery: Delivery) -> Group:
    source = delivery.source
    if not source.enabled:
        raise Unreadable(SWITCHED_OFF)
    how = Reading(source.severities, source.default_severity, delivery.received_at)
    return CATALOG[source.kind].read(decode(bytes(delivery.body)), how)


def _fail(delivery: Delivery, problem: Exception) -> None:
    log.exception("delivery.failed", delivery=delivery.pk, source=delivery.source.slug)
    deliveries.settle([delivery], error=f"Reading it ended with an error of the product: {type(problem).__name__}.")
