"""The parts of a page that follows what it shows: each has a fingerprint, and only what has changed is sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

MARK, ROW_MARK = 8, 6  # characters of a fingerprint
BETWEEN = "."
# What differs from answer to answer and is no change: "11m ago", which the browser moves, and the token of forms.
MOVING = re.compile(r'(?<=data-relative>)[^<]*|(?<=name="csrfmiddlewaretoken" value=")[^"]*')


@dataclass(frozen=True)
class Part:
    """One part of a page: its fingerprint, and how to get its HTML."""

    mark: str
    render: Callable[[], SafeString]

    def since(self, _old: str) -> SafeString:
        """What to send to a browser that has the part with the fingerprint `old`."""
        return self.render()


@dataclass(frozen=True)
class Row:
    """One row of a long part: plain values, and the template that draws it.

    The template gives it an id that is the row's own, and `hx-swap-oob="true"` when `alone` is set: then it is sent
    without the part around it.
    """

    template: str
    values: dict[str, Any]

    @property
    def mark(self) -> str:
        """Its fingerprint."""
        return fingerprint(repr(self.values), ROW_MARK)

    def render(self) -> SafeString:
        """Its HTML, to be swapped by itself."""
        return render_to_string(self.template, {**self.values, "alone": True})


@dataclass(frozen=True)
class LongPart(Part):
    """A part of which single rows can be sent. Its fingerprint is the frame's, then those of the rows."""

    rows: list[Row]

    def since(self, old: str) -> SafeString:
        """The rows that differ; everything when the frame does, or the number of rows."""
        if old[:MARK] != self.mark[:MARK] or len(old) != len(self.mark):
            return self.render()
        starts = range(MARK, len(self.mark), ROW_MARK)
        pairs = zip(self.rows, starts, strict=True)
        changed = [row for row, at in pairs if old[at : at + ROW_MARK] != self.mark[at : at + ROW_MARK]]
        return mark_safe("\n".join(row.render() for row in changed))  # noqa: S308  # templates, which escape


def drawn(template: str, context: dict[str, Any]) -> Part:
    """A small part, rendered at once: what it looks like is its fingerprint."""
    html = render_to_string(template, context)
    return Part(fingerprint(MOVING.sub("", html)), lambda: html)


def drawn_late(template: str, values: dict[str, Any]) -> Part:
    """A large part, rendered only when asked for. Its fingerprint is that of `values`, which are all that it knows:
    plain values, whose text tells them apart."""
    return Part(fingerprint(repr(values)), lambda: render_to_string(template, values))


def drawn_in_rows(template: str, frame: dict[str, Any], rows: list[Row]) -> LongPart:
    """A large part of which single rows change. `frame` is all that its template knows beside the rows: plain values;
    it gets both."""
    marks = "".join(row.mark for row in rows)
    return LongPart(fingerprint(repr(frame)) + marks, lambda: render_to_string(template, frame | {"rows": rows}), rows)


def fingerprint(text: str, length: int = MARK) -> str:
    """A short fingerprint of `length` hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=length // 2).hexdigest()


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
        return BETWEEN.join(part.mark for part in self._parts.values())

    def changed_since(self, seen: str) -> list[SafeString]:
        """What differs from what `seen` stands for; every part when it is empty or means nothing."""
        known = seen.split(BETWEEN)
        if len(known) != len(self._parts):
            known = [""] * len(self._parts)
        return [part.since(old) for part, old in zip(self._parts.values(), known, strict=True) if part.mark != old]

    @property
    def marks(self) -> dict[str, str]:
        """For each part its name with its fingerprint: a browser may send back those of the parts that it shows."""
        return {name: f"{name}:{part.mark}" for name, part in self._parts.items()}

    def unseen(self, seen: list[str]) -> list[tuple[str, str, SafeString]]:
        """Name, mark and text of each part whose mark is not among `seen`."""
        return [(name, mark, self._parts[name].render()) for name, mark in self.marks.items() if mark not in seen]
