"""The function that django-q2 calls. It carries an id and a token only."""

from __future__ import annotations

import os
import socket

import structlog

from zbmaint.notifications.actions import notices
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.catalog import CATALOG
from zbmaint.notifications.transports.transport import Delivery

log = structlog.get_logger(__name__)


def deliver(notice_id: str, token: str) -> None:
    """Try once to deliver a notice. A second call with the same or an old token does nothing."""
    notice = notices.claim(notice_id, token, f"{socket.gethostname()}:{os.getpid()}")
    if notice is None:
        log.info("notice.not_claimed", notice=notice_id)
        return
    delivery = _send(notice)
    state = notices.settle(notice, delivery)
    log.info("notice.attempted", notice=notice_id, attempt=notice.attempts, said=delivery.says, state=state)


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
