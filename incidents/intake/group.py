"""Group: what one delivery of a source tells, in one form for every kind of source."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from incidents.intake.alert import Reference, Status
from incidents.rules import severities, texts

LONGEST_URL: Final = 500
LONGEST_LABEL: Final = 2_000
MOST_LABELS: Final = 100
# A clock that is off by less is as exact as clocks are.
CLOCK_SLACK: Final = dt.timedelta(minutes=5)
SEVERITY_UNKNOWN: Final = "severity unknown"
CLOCK_AHEAD: Final = "clock ahead"


class Unreadable(ValueError):
    """No alert can be made of it, today or ever; the message says why, for whoever set the source up."""


@dataclass(frozen=True)
class Reading:
    """How a source is read: its words for severities, in lower case, what any other word means, when it came."""

    severities: Mapping[str, str]
    default: str
    received_at: dt.datetime

    def severity(self, word: str) -> tuple[str, bool]:
        """The severity that `word` means, and whether the source's map knows the word."""
        known = self.severities.get(word.strip().lower())
        return (known, True) if known in severities.WORST_FIRST else (self.default, False)


@dataclass(frozen=True)
class Instance:
    """One alert of a group, by its fingerprint. `starts_at` null: its source does not say when it began."""

    fingerprint: str
    name: str
    status: Status
    severity: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    url: str = ""
    flags: tuple[str, ...] = ()

    @property
    def is_firing(self) -> bool:
        """Whether something is wrong."""
        return self.status == "firing"


@dataclass(frozen=True)
class Group:
    """Alerts that belong into one ticket, named by `key`. `native_key` is the source's own name for the group.

    `truncated` is how many alerts the source has left out: then the group is not known as a whole.
    """

    key: str
    native_key: str
    title: str
    description: str
    instances: tuple[Instance, ...]
    truncated: int = 0
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def severity(self) -> str:
        """The worst of the alerts that fire; of all of them when none does."""
        told = [each.severity for each in self.instances if each.is_firing] or [
            each.severity for each in self.instances
        ]
        return min(told, key=severities.WORST_FIRST.index)

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd about any of them, each once."""
        return tuple(sorted({flag for each in self.instances for flag in each.flags}))


def digest(text: str) -> str:
    """A short name for a text of any length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def line(value: Any, longest: int) -> str:
    """What a source says, as one line of at most `longest` characters that can be kept."""
    text = " ".join(texts.kept(str(value)).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def words(given: Any, what: str) -> dict[str, str]:
    """Labels or annotations as they are kept. Raises Unreadable for what is no JSON object."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Unreadable(f"`{what}` is a JSON object of names and texts, not {kind_of(given)}.")
    some = islice(given.items(), MOST_LABELS)
    return {texts.kept(str(name))[:200]: texts.kept(_text(value))[:LONGEST_LABEL] for name, value in some}


def address(given: Any) -> str:
    """An http(s) address that a ticket may link to; empty for anything else."""
    text = texts.kept(str(given or "")).strip()
    if not text or len(text) > LONGEST_URL or any(sign.isspace() or sign in "\\" for sign in text):
        return ""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return text if whole else ""


def link(kind: str, label: str, given: Any) -> list[Reference]:
    """The link to an address, if it is one."""
    url = address(given)
    return [Reference(kind, digest(url)[:32], label, url)] if url else []


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), "something else")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
