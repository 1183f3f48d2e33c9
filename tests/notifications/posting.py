"""Notices for tests, and time travel for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from zbmaint.access.models import Person
from zbmaint.notifications import jobs, outbox
from zbmaint.notifications.models import Notice

SECRET = "hunter2-webhook-secret"


@transaction.atomic
def post(event: str = "run:12:finished", **facts: Any) -> Notice:
    """A notice of the topic that `event` begins with."""
    given: dict[str, Any] = {
        "topic": event.rpartition(":")[0],
        "transport": "webhook",
        "recipient": "monitoring",
        "payload": {"run": 12, "verdict": "Grüße, <b>“all”</b> is well", "report": {"tables": [1, 2]}},
        "occurred_at": timezone.now(),
    }
    return outbox.post("maintenance.run_finished", event=event, **given | facts)


def messages() -> list[tuple[str, str]]:
    """Id and token of every message to deliver that lies in the queue, oldest first."""
    rows = OrmQ.objects.filter(key="short").order_by("id")
    return [row.task["args"] for row in rows if row.func() == outbox.JOB]


def work() -> int:
    """Carry out and take away what lies in the queue, as a worker does; returns how many messages that were."""
    waiting = messages()
    OrmQ.objects.all().delete()
    for notice_id, token in waiting:
        jobs.deliver(notice_id, token)
    return len(waiting)


def make_due(notice: Notice) -> None:
    """Let the time of the next attempt have come."""
    past = timezone.now() - dt.timedelta(seconds=1)
    Notice.objects.filter(pk=notice.pk).update(next_attempt_at=past, enqueued_at=past - dt.timedelta(seconds=1))


@transaction.atomic
def write_to(*people: Person | str, event: str = "ticket:12:1:opened", **facts: Any) -> list[Notice]:
    """Notices by e-mail to people, or to addresses, of the topic that `event` begins with."""
    kind = event.rpartition(":")[2]
    given: dict[str, Any] = {
        "kind": f"ticket.{kind}",
        "event": event,
        "topic": ":".join(event.split(":")[:2]),
        "subject": f"New medium incident: {event}",
        "transport": "email",
        "payload": {"text": "It is down.", "facts": [["Severity", "medium"]], "url": "/tickets/12/"}
        | {"many": "new tickets"},
        "occurred_at": timezone.now(),
    }
    return outbox.post_all(
        [
            outbox.Message(**given | {"recipient": one, "person_id": None} | facts)
            if isinstance(one, str)
            else outbox.Message(**given | {"recipient": f"person:{one.pk}", "person_id": one.pk} | facts)
            for one in people
        ]
    )
