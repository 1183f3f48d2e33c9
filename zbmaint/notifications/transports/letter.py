"""What a message to people says: the same words as plain text and as HTML, from the payload of its notice.

A payload may hold `text` (what happened, a sentence or two), `facts` ([name, value] pairs), `lines`, `sections` (what
a report says, each with a `title` and either `lines` or a table: `head`, `rows`, maybe a `note`, and how many columns
stand at their `left`, the others at their right), `body` (what
somebody wrote), `because` (why this reader is told), `url` (where it is shown, from the root of the product), `link`
({"path", "says", "text"}: a link by which they can act at once), `many` (what several such notices are called) and
`many_url`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.template.loader import render_to_string

from zbmaint.notifications import links
from zbmaint.notifications.models import Notice

TEMPLATE = "notifications/letter.html"
SIGNED = "ZbInnovation Operations"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """A message. `html` is empty when it could not be written; `fault` says why, and the text is sent alone."""

    subject: str
    text: str
    html: str = ""
    fault: str = ""


def write(notice: Notice) -> Letter:
    """The message of `notice`. Never raises: whoever waits for it gets at least its text."""
    says = _with_addresses(notice.payload)
    subject = " ".join(notice.subject.split()) or str(notice)
    try:
        html = render_to_string(TEMPLATE, {"subject": subject, "says": says, "signed": SIGNED})
    except Exception as problem:  # a template that somebody broke must not keep a page at 3 a.m. from leaving
        log.error("notice.template_failed", notice=str(notice.pk), kind=type(problem).__name__)
        fault = f"Sent as plain text: the HTML could not be written ({type(problem).__name__})."
        return Letter(subject, as_text(says), fault=fault)
    return Letter(subject, as_text(says), html)


def as_text(says: dict[str, Any]) -> str:
    """The payload as plain text; `url` and `address` of the link are whole already."""
    parts = [str(says.get("text", ""))]
    parts.append("\n".join(f"{name}: {value}" for name, value in says.get("facts", ())))
    parts.append("\n".join(f"- {line}" for line in says.get("lines", ())))
    parts += [_section(section) for section in says.get("sections", ())]
    parts.append(str(says.get("body", "")))
    parts.append(str(says.get("url", "")))
    if link := says.get("link"):
        parts.append(f"{link['text']}: {link['address']}")
    parts.append(str(says.get("because", "")))
    return "\n\n".join(part for part in parts if part) + f"\n\n-- \n{SIGNED}\n"


def _section(section: dict[str, Any]) -> str:
    """A section under its underlined title, a table of it in columns."""
    heading = f"{section['title']}\n{'-' * len(section['title'])}"
    if "rows" not in section:
        return "\n".join([heading, *(f"- {line}" for line in section.get("lines", ()))])
    table = [[str(cell) for cell in row] for row in (section["head"], *section["rows"])]
    widths = [max(len(row[at]) for row in table) for at in range(len(section["head"]))]
    left = section.get("left", 1)
    lines = [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return "\n".join([heading, *lines, *filter(None, [section.get("note", "")])])


def _with_addresses(payload: dict[str, Any]) -> dict[str, Any]:
    says = dict(payload)
    if says.get("url"):
        says["url"] = settings.PUBLIC_URL + str(says["url"])
    if link := says.get("link"):
        says["link"] = {"text": link["text"], "address": links.make(link["path"], link["says"])}
    return says
