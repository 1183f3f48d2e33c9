"""The function that django-q2 calls. It carries an id and a token only."""

from __future__ import annotations

import os
import socket
import time
import uuid

import structlog
from django.conf import settings
from django.utils import timezone

from zbmaint.notifications import given_up, rules
from zbmaint.notifications.actions import notices
from zbmaint.notifications.actions.admitting import admit
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import CATALOG
from zbmaint.notifications.transports.transport import Delivery

log = structlog.get_logger(__name__)


URGENT_FIRST, BATCH = 3, 50
# Seconds after which a job begins nothing more: the slowest attempt still ends before the queue ends the job.
HEADROOM = 10.0


def deliver(notice_id: str, token: str) -> None:
    """Try once to deliver a notice, after what is more urgent and waits behind it in the queue, and before others.

    A second call with the same or an old token delivers nothing of its own.
    """
    began = time.monotonic()
    for pk, of_it in _due(URGENT_FIRST, urgent=True):
        if pk != notice_id and time.monotonic() - began < HEADROOM / 2:
            _attempt(pk, of_it)
    if time.monotonic() - began < HEADROOM:
        _attempt(notice_id, token)
        _go_on(began)
    else:
        notices.queue_again(uuid.UUID(notice_id), uuid.UUID(token))


def _go_on(began: float) -> None:
    """Deliver what else is due, for a while: a message costs the queue more than a delivery costs us.

    Their own messages find them done.
    """
    until = began + min(settings.NOTICE_DRAIN_SECONDS, HEADROOM)
    seen: set[str] = set()  # what another worker holds, or cannot be taken, is not asked for again
    while time.monotonic() < until:
        found = [one for one in _due(BATCH) if one[0] not in seen]
        if not found:
            return
        for pk, token in found:
            if time.monotonic() >= until:
                return
            seen.add(pk)
            _attempt(pk, token)


def _due(count: int, *, urgent: bool = False) -> list[tuple[str, str]]:
    """Id and token of what is due and was not tried yet, the most urgent first."""
    due = Notice.objects.filter(state=rules.QUEUED, next_attempt_at__lte=timezone.now())
    if urgent:
        due = due.filter(priority__lte=rules.CRITICAL)
    rows = due.first_of_their_topic().order_by("priority", "created_at").values_list("pk", "token")
    return [(str(pk), str(token)) for pk, token in rows[:count]]


def _attempt(notice_id: str, token: str) -> None:
    notice = notices.claim(notice_id, token, f"{socket.gethostname()}:{os.getpid()}")
    if notice is None:
        log.info("notice.not_claimed", notice=notice_id)
        return
    if (ended := admit(notice)) is not None:
        log.info("notice.not_sent", notice=notice_id, state=ended)
        return
    delivery = _send(notice)
    state = notices.settle(notice, delivery)
    log.info("notice.attempted", notice=notice_id, attempt=notice.attempts, said=delivery.says, state=state)
    if state == rules.DEAD:
        given_up.tell(notice, delivery.says)


def _send(notice: Notice) -> Delivery:
    transport = CATALOG.get(notice.transport)
    if transport is None:
        return Delivery(False, f"There is no transport {notice.transport!r} in this version.")
    try:
        return transport.send(notice)
    except Exception as problem:  # a bug must cost one attempt, not the lease; its text might quote an address
        trace = problem.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        log.error("notice.transport_error", notice=str(notice.pk), kind=type(problem).__name__, place=place)
        return Delivery(False, f"The transport ended with an error: {type(problem).__name__}.")
