"""The function that django-q2 calls. It carries an id and a token only."""

from __future__ import annotations

import time

from django.conf import settings

from zbmaint.notifications.drain import URGENT_AT_ONCE, Drain

# Seconds after which a job begins nothing more: the slowest attempt still ends before the queue ends the job.
HEADROOM = 10.0


def deliver(notice_id: str, token: str) -> None:
    """Try once to deliver a notice, after what is more urgent and waits behind it in the queue, and before others.

    A second call with the same or an old token delivers nothing of its own. What else is due is delivered for a while:
    a message costs the queue more than a delivery costs us, and their own messages find them done.
    """
    began = time.monotonic()
    drain_until = began + min(settings.NOTICE_DRAIN_SECONDS, HEADROOM)
    with Drain(began + HEADROOM) as drain:
        drain.urgent(URGENT_AT_ONCE)
        drain.one(notice_id, token)
        drain.everything(drain_until)
        drain.finish()


def deliver_urgent() -> None:
    """Deliver the critical ones that are due, for jobs of which many may stand in the queue before theirs."""
    if settings.NOTICE_DRAIN_SECONDS <= 0:
        return
    with Drain(time.monotonic() + HEADROOM / 2) as drain:
        drain.urgent(URGENT_AT_ONCE)
        drain.finish()
