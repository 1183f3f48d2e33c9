"""Sources, what they deliver, and the workers that read it, for tests."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from incidents import jobs
from incidents.actions import source_tokens, sources, storing
from incidents.models import Delivery, Source, Ticket
from incidents.models.delivery import State

BEGAN = timezone.now().replace(microsecond=0) - dt.timedelta(minutes=2)


def make_source(name: str = "monitoring", kind: str = "alertmanager", **details: Any) -> Source:
    """A source."""
    return sources.create(kind, sources.SourceDetails(name, **details), actor=None)


def make_token(source: Source) -> str:
    """A live token of it."""
    return source_tokens.create(source, actor=None)


def of(instance: str, status: str = "firing", **facts: Any) -> dict[str, Any]:
    """An alert of Alertmanager about the disk of one host."""
    labels = {"alertname": "DiskFull", "instance": instance, "severity": facts.pop("severity", "warning")}
    starts_at: dt.datetime = facts.pop("starts_at", BEGAN)
    ends_at = timezone.now().isoformat() if status == "resolved" else "0001-01-01T00:00:00Z"
    given = {
        "status": status,
        "labels": labels,
        "annotations": {"description": f"{instance} is full"},
        "startsAt": starts_at.isoformat(),
        "endsAt": ends_at,
        "generatorURL": f"http://prometheus.internal/graph?{instance}",
        "fingerprint": f"fp-{instance}",
    }
    return given | facts


def body_of(alerts: Sequence[dict[str, Any]], group: str = "shop", **facts: Any) -> dict[str, Any]:
    """The body in which Alertmanager delivers a group."""
    fires = any(alert["status"] == "firing" for alert in alerts)
    return {
        "version": "4",
        "groupKey": f'{{}}:{{service="{group}"}}',
        "truncatedAlerts": 0,
        "status": "firing" if fires else "resolved",
        "receiver": "operations",
        "groupLabels": {"service": group},
        "commonLabels": {"alertname": "DiskFull", "service": group},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.internal",
        "alerts": list(alerts),
    } | facts


@transaction.atomic
def keep(source: Source, body: Any, received_at: dt.datetime | None = None) -> Delivery:
    """Store a delivery as the door does; `received_at` for another time than now."""
    delivery = storing.keep_body(source.pk, json.dumps(body).encode(), "application/json")
    if received_at is not None:
        Delivery.objects.filter(pk=delivery.pk).update(received_at=received_at)
    return delivery


def deliver(source: Source, body: Any, received_at: dt.datetime | None = None) -> Delivery:
    """Store a delivery, and let a worker read it."""
    delivery = keep(source, body, received_at)
    work()
    return Delivery.objects.get(pk=delivery.pk)


def tell(source: Source, *alerts: dict[str, Any], received_at: dt.datetime | None = None, **facts: Any) -> Delivery:
    """Let Alertmanager tell of a group; it must be understood."""
    delivery = deliver(source, body_of(alerts, **facts), received_at)
    assert delivery.state == State.PROCESSED, delivery.error
    return delivery


def messages() -> list[str]:
    """The token of every message to read a delivery that lies in the queue, oldest first."""
    rows = OrmQ.objects.filter(key="short").order_by("id")
    return [row.task["args"][0] for row in rows if row.func() == storing.JOB]


def work() -> int:
    """Carry out and take away what lies in the queue, as a worker does; returns how many messages that were."""
    waiting = messages()
    OrmQ.objects.all().delete()
    for token in waiting:
        jobs.read_delivery(token)
    return len(waiting)


def ticket_of(source: Source) -> Ticket:
    """The one ticket of a source."""
    return Ticket.objects.get(source=source.slug)


def statuses(ticket: Ticket) -> dict[str, str]:
    """The alerts of a ticket: fingerprint to status."""
    return dict(ticket.alerts.order_by("fingerprint").values_list("fingerprint", "status"))
