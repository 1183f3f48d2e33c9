"""The parts of a page that follows what it shows: each has a fingerprint, and only what has changed is sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

MARK = 8  # characters of a fingerprint
# What differs from answer to answer and is no change: "11m ago", which the browser moves, and the token of forms.
MOVING = re.compile(r'(?<=data-relative>)[^<]*|(?<=name="csrfmiddlewaretoken" value=")[^"]*')


@dataclass(frozen=True)
class Part:
    """One part of a page: its fingerprint, and how to get its HTML."""

    mark: str
    render: Callable[[], SafeString]


def drawn(template: str, context: dict[str, Any]) -> Part:
    """A small part, rendered at once: what it looks like is its fingerprint."""
    html = render_to_string(template, context)
    return Part(fingerprint(MOVING.sub("", html)), lambda: html)


def drawn_late(template: str, values: dict[str, Any]) -> Part:
    """A large part, rendered only when asked for. Its fingerprint is that of `values`, which are all that it knows:
    plain values, whose text tells them apart."""
    return Part(fingerprint(repr(values)), lambda: render_to_string(template, values))


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

    @property
    def marks(self) -> dict[str, str]:
        """For each part its name with its fingerprint: a browser may send back those of the parts that it shows."""
        return {name: f"{name}:{part.mark}" for name, part in self._parts.items()}

    def unseen(self, seen: list[str]) -> list[tuple[str, str, SafeString]]:
        """Name, mark and text of each part whose mark is not among `seen`."""
        return [(name, mark, self._parts[name].render()) for name, mark in self.marks.items() if mark not in seen]
