"""Alertmanager's webhook, version 4: one body is one group, its alerts are named by their fingerprints."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any, Final
from urllib.parse import quote

from incidents.intake.alert import Reference, Status
from incidents.intake.group import (
    CLOCK_AHEAD,
    CLOCK_SLACK,
    SEVERITY_UNKNOWN,
    Group,
    Instance,
    Reading,
    Unreadable,
    address,
    digest,
    kind_of,
    line,
    link,
    words,
)
from incidents.rules import texts

KEY: Final = "alertmanager"
LABEL: Final = "Alertmanager"
NO_VERSION: Final = (
    "This is no Alertmanager webhook: it has no `version`. If the receiver sets `payload:`, take that away; the body "
    "has to be the one that Alertmanager sends by itself."
)
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")  # Go writes nanoseconds


def check(payload: Any) -> None:
    """See that it is such a body at all, at little cost. Raises Unreadable."""
    if not isinstance(payload, dict):
        raise Unreadable(f"An Alertmanager webhook is a JSON object, not {kind_of(payload)}.")
    if not payload.get("version"):
        raise Unreadable(NO_VERSION)
    if not isinstance(payload.get("alerts"), list):
        raise Unreadable(f"`alerts` is a list, not {kind_of(payload.get('alerts'))}.")
    if not isinstance(payload.get("groupKey"), str) or not payload["groupKey"]:
        raise Unreadable("`groupKey` is missing: without it nobody can say which ticket these alerts belong to.")


def read(payload: Any, how: Reading) -> Group:
    """The group of a body. Unknown fields are ignored. Raises Unreadable."""
    check(payload)
    instances = tuple(_instance(each, how) for each in payload["alerts"])
    if not instances:
        raise Unreadable("It holds no alerts.")
    common = words(payload.get("commonAnnotations"), "commonAnnotations")
    return Group(
        key=digest(payload["groupKey"]),
        native_key=texts.kept(payload["groupKey"]),
        title=_title(payload, common, instances),
        description=_description(common, instances),
        # One row an alert: of one that stands there twice the later one counts.
        instances=tuple({each.fingerprint: each for each in instances}.values()),
        truncated=_count(payload.get("truncatedAlerts")),
        references=tuple(_references(payload, common, instances)),
    )


def sample(name: str, status: Status, now: dt.datetime) -> dict[str, Any]:
    """A body as Alertmanager would send it, for the test of the source `name`."""
    labels = {"alertname": "TestAlert", "source": name, "severity": "info"}
    summary = f"Test alert of {name}: nothing is wrong"
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": summary, "description": "Sent from the page of the source to see that it works."},
        "startsAt": now.isoformat(),
        "endsAt": now.isoformat() if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": digest(f"test:{name}")[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="TestAlert", source="{name}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "test",
        "groupLabels": {"alertname": "TestAlert"},
        "commonLabels": labels,
        "commonAnnotations": alert["annotations"],
        "externalURL": "",
        "alerts": [alert],
    }


def _instance(given: Any, how: Reading) -> Instance:
    if not isinstance(given, dict):
        raise Unreadable(f"Each of `alerts` is a JSON object, not {kind_of(given)}.")
    labels, status = words(given.get("labels"), "labels"), given.get("status")
    if status not in ("firing", "resolved"):
        raise Unreadable(f"An alert is firing or resolved, not {line(status, 40)!r}.")
    severity, known = how.severity(labels.get("severity", ""))
    starts_at, ends_at = moment(given.get("startsAt"), "startsAt"), moment(given.get("endsAt"), "endsAt")
    told_at = ends_at if status == "resolved" and ends_at else starts_at
    flags = [] if known else [SEVERITY_UNKNOWN]
    if told_at is not None and told_at > how.received_at + CLOCK_SLACK:
        flags.append(CLOCK_AHEAD)
    fingerprint = texts.kept(str(given.get("fingerprint") or ""))
    return Instance(
        # Never cut: two long ones with the same beginning must stay two.
        fingerprint=fingerprint if 0 < len(fingerprint) <= 64 else digest(json.dumps(labels, sort_keys=True)),
        name=line(labels.get("alertname") or "Alert without a name", 200),
        status=status,
        severity=severity,
        labels=labels,
        annotations=words(given.get("annotations"), "annotations"),
        starts_at=starts_at,
        ends_at=ends_at if status == "resolved" else None,
        url=address(given.get("generatorURL")),
        flags=tuple(flags),
    )


def moment(given: Any, what: str) -> dt.datetime | None:
    """A time as Go writes it; its zero (year 1) is none. Raises Unreadable."""
    if given in (None, ""):
        return None
    try:
        found = dt.datetime.fromisoformat(_FRACTION.sub(r"\1", str(given)).replace("Z", "+00:00"))
        if found.year <= 1:
            return None
        return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"`{what}` is a time such as 2026-04-05T03:01:00Z, not {line(given, 60)!r}.") from None


def _title(payload: dict[str, Any], common: dict[str, str], instances: tuple[Instance, ...]) -> str:
    if summary := line(common.get("summary", ""), texts.LONGEST_TITLE):
        return summary
    labels = words(payload.get("groupLabels"), "groupLabels")
    everywhere = words(payload.get("commonLabels"), "commonLabels")
    name = labels.get("alertname") or everywhere.get("alertname") or instances[0].name
    values = [value for label, value in sorted(labels.items()) if label != "alertname" and value]
    return line(f"{name}: {', '.join(values)}" if values else name, texts.LONGEST_TITLE)


def _description(common: dict[str, str], instances: tuple[Instance, ...]) -> str:
    said = common.get("description") or common.get("message")
    if not said:
        first = next((each for each in instances if each.is_firing), instances[0]).annotations
        said = first.get("description") or first.get("message") or first.get("summary") or ""
    return said[: texts.LONGEST_TEXT]


def _references(payload: dict[str, Any], common: dict[str, str], instances: tuple[Instance, ...]) -> list[Reference]:
    first = next((each for each in instances if each.is_firing), instances[0])
    noted = {**first.annotations, **common}
    return [
        *link("runbook", "Runbook of the alert", noted.get("runbook_url")),
        *link("dashboard", "Dashboard", noted.get("dashboard_url")),
        *link("graph", "Graph", first.url),
        *link("alertmanager", "Group in Alertmanager", _in_alertmanager(payload)),
    ]


def _in_alertmanager(payload: dict[str, Any]) -> str:
    base = address(payload.get("externalURL"))
    labels = words(payload.get("groupLabels"), "groupLabels")
    if not base:
        return ""
    matchers = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
    page = f"{base.rstrip('/')}/#/alerts?filter={quote(f'{{{matchers}}}', safe='')}"
    return page if address(page) else base


def _count(given: Any) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and given > 0 else 0
