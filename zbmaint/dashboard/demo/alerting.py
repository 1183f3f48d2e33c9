"""An alert source with what it tells at present, through the same actions as what a real one tells."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from incidents.actions import alerts, sources
from incidents.intake.catalog import CATALOG
from incidents.intake.group import Reading
from incidents.models import Delivery, Source
from incidents.models.delivery import State

NAME, KIND = "Monitoring", "alertmanager"
AGO = (95, 60, 22, 9)  # minutes
Began = dict[str, dt.datetime]  # when the alert of each instance did
SHOPS = tuple(f"shop-{number}" for number in range(1, 6))


def make(now: dt.datetime) -> Source:
    """A source with two groups that fire, one of them partly resolved, and one that is over. Needs an empty desk of
    sources."""
    source = sources.create(KIND, sources.SourceDetails(NAME, tags=("monitoring",)), actor=None)
    first, second, third, last = (now - dt.timedelta(minutes=minutes) for minutes in AGO)
    latency = "Latency of the shop is high"
    disk = "Disk of db-reports is filling"
    _tell(source, first, "HighLatency", latency, dict.fromkeys(SHOPS[:3], first))
    _tell(source, second, "DiskFilling", disk, {"db-reports": second})
    _tell(source, third, "HighLatency", latency, dict.fromkeys(SHOPS[:3], first) | dict.fromkeys(SHOPS[3:], third))
    _tell(source, last, "HighLatency", latency, {SHOPS[1]: first}, ends={SHOPS[0]: first})
    _tell(source, last, "DiskFilling", disk, {}, ends={"db-reports": second})
    _tell(source, last, "CertificateExpires", "A certificate ends in 12 days", {"mail-1": last}, severity="info")
    return source


def _tell(
    source: Source,
    at: dt.datetime,
    name: str,
    summary: str,
    fires: Began,
    *,
    ends: Began | None = None,
    severity: str = "warning",
) -> None:
    told = [_alert(name, each, severity, began, None) for each, began in fires.items()]
    told += [_alert(name, each, severity, began, at) for each, began in (ends or {}).items()]
    body = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "groupLabels": {"alertname": name},
        "commonAnnotations": {"summary": summary, "runbook_url": f"https://wiki.zbinnovation.example/{name}"},
        "externalURL": "https://alertmanager.zbinnovation.example",
        "alerts": told,
    }
    group = CATALOG[KIND].read(body, Reading(source.severities, source.default_severity, at))
    (counts,) = alerts.take(source, [alerts.Delivered(group, at)])
    Delivery.objects.create(
        source=source,
        received_at=at,
        settled_at=at,
        content_type="application/json",
        body=json.dumps(body).encode(),
        state=State.PROCESSED,
        counts={str(news): count for news, count in counts.items()},
    )


def _alert(name: str, instance: str, severity: str, began: dt.datetime, ended: dt.datetime | None) -> dict[str, Any]:
    return {
        "status": "resolved" if ended else "firing",
        "labels": {"alertname": name, "instance": instance, "severity": severity},
        "annotations": {"description": f"{name} on {instance}."},
        "startsAt": began.isoformat(),
        "endsAt": ended.isoformat() if ended else "0001-01-01T00:00:00Z",
        "generatorURL": f"https://prometheus.zbinnovation.example/graph?g0.expr={name}",
        "fingerprint": f"{name}-{instance}".lower(),
    }
