"""The plain form for scripts: title, description, severity, key, status, tags, url."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from incidents.intake.alert import Status
from incidents.intake.group import (
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
)
from incidents.rules import texts

KEY: Final = "generic"
LABEL: Final = "Generic"
MOST_TAGS: Final = 10


def check(payload: Any) -> None:
    """See that an alert can be made of it. Raises Unreadable."""
    if not isinstance(payload, dict):
        raise Unreadable(f"An alert is a JSON object, not {kind_of(payload)}.")
    for name in ("title", "description", "severity", "key", "status", "url"):
        value = payload.get(name)
        if value is not None and not isinstance(value, str) and not (name == "key" and type(value) is int):
            raise Unreadable(f"`{name}` is a text, not {kind_of(value)}.")
    if payload.get("tags") is not None and not isinstance(payload["tags"], list):
        raise Unreadable(f"`tags` is a list of texts, not {kind_of(payload['tags'])}.")
    if _status(payload) not in ("firing", "resolved"):
        raise Unreadable(f"`status` is firing or resolved, not {line(payload['status'], 40)!r}.")
    if not line(payload.get("title") or "", 10) and not (payload.get("key") and _status(payload) == "resolved"):
        raise Unreadable("`title` is missing: one line that says what is wrong.")


def read(payload: Any, how: Reading) -> Group:
    """The group of one alert. Raises Unreadable."""
    check(payload)
    native_key = texts.kept(str(payload.get("key") or payload.get("title")))
    title = line(payload.get("title") or native_key, texts.LONGEST_TITLE)
    description = texts.kept(payload.get("description") or "")[: texts.LONGEST_TEXT]
    severity, known = how.severity(payload.get("severity") or "")
    url = address(payload.get("url"))
    instance = Instance(
        fingerprint=digest(native_key),
        name=line(title, 200),
        status=_status(payload),
        severity=severity,
        annotations={"description": description} if description else {},
        url=url,
        # Without a word it is as bad as the source says that its alerts are.
        flags=() if known or not payload.get("severity") else (SEVERITY_UNKNOWN,),
    )
    tags = [texts.tag(each) for each in payload.get("tags") or [] if isinstance(each, str)]
    return Group(
        key=digest(native_key),
        native_key=native_key,
        title=title,
        description=description,
        instances=(instance,),
        tags=tuple(name for name in dict.fromkeys(tags) if not texts.why_not_tag(name))[:MOST_TAGS],
        references=tuple(link("page", "Page of the alert", url)),
    )


def sample(name: str, status: Status, _now: dt.datetime) -> dict[str, Any]:
    """What a script would send, for the test of the source `name`."""
    return {
        "title": f"Test alert of {name}: nothing is wrong",
        "description": "Sent from the page of the source to see that it works.",
        "severity": "low",
        "key": "test",
        "status": status,
        "tags": ["test"],
    }


def _status(payload: dict[str, Any]) -> Any:
    return payload.get("status") or "firing"
