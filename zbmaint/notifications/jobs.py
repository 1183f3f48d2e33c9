"""The function that django-q2 calls. It carries an id and a token only."""

from __future__ import annotations

import os
import socket

import structlog
from django.utils import timezone

from zbmaint.notifications import given_up, rules
from zbmaint.notifications.actions import notices
from zbmaint.notifications.actions.admitting import admit
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import CATALOG
from zbmaint.notifications.transports.transport import Delivery

log = structlog.get_logger(__name__)


URGENT_FIRST = 3  # one message may carry so many slow deliveries of others before its own, within the queue's time-out


def deliver(notice_id: str, token: str) -> None:
    """Try once to deliver a notice, after what is more urgent and waits behind it in the queue.

    A second call with the same or an old token delivers nothing of its own.
    """
    for _ in range(URGENT_FIRST):
        urgent = _more_urgent(notice_id)
        if urgent is None:
            break
        _attempt(*urgent)
    _attempt(notice_id, token)


def _more_urgent(notice_id: str) -> tuple[str, str] | None:
    due = Notice.objects.filter(
        state=rules.QUEUED, priority__lte=rules.CRITICAL, next_attempt_at__lte=timezone.now()
    ).first_of_their_topic()
    first = due.order_by("priority", "created_at").values_list("pk", "token").first()
    return None if first is None or str(first[0]) == notice_id else (str(first[0]), str(first[1]))


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
