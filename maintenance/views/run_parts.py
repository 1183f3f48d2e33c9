"""The parts of a run's page, and which of them a browser has not seen yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

MARK = 8  # characters of a fingerprint


@dataclass(frozen=True)
class Part:
    """One part of the page: its fingerprint, and how to get its HTML."""

    mark: str
    render: Callable[[], SafeString]


def drawn(name: str, context: dict[str, Any]) -> Part:
    """A small part, rendered at once: what it looks like is its fingerprint."""
    html = render_to_string(f"maintenance/run/{name}.html", context)
    return Part(fingerprint(html), lambda: html)


def drawn_late(name: str, values: dict[str, Any]) -> Part:
    """A large part, rendered only when asked for. Its fingerprint is that of `values`, which are all that it knows:
    plain values, whose text tells them apart."""
    return Part(fingerprint(repr(values)), lambda: render_to_string(f"maintenance/run/{name}.html", values))


def fingerprint(text: str) -> str:
    """A short fingerprint."""
    return hashlib.blake2b(text.encode(), digest_size=MARK // 2).hexdigest()


class Parts:
    """The parts of a page, by name."""

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts

    @property
    def html(self) -> dict[str, SafeString]:
        """All of them, rendered."""
        return {name: part.render() for name, part in self._parts.items()}

    @property
    def seen(self) -> str:
        """The fingerprints of all parts; a browser sends them back to say what it has."""
        return "".join(part.mark for part in self._parts.values())

    def changed_since(self, seen: str) -> list[SafeString]:
        """The parts that differ from what `seen` stands for; all of them when it is empty or means nothing."""
        known = [seen[at : at + MARK] for at in range(0, MARK * len(self._parts), MARK)]
        return [part.render() for part, old in zip(self._parts.values(), known, strict=True) if part.mark != old]
