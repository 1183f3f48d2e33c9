"""The timeline of a ticket, read for a page: what people said and what happened, in one stream."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from incidents.models import Entry, Ticket
from incidents.rules import ticket_states
from incidents.rules.clocks import BREACH
from zbmaint.ui.words import label, moment

PAGE_SIZE = 200
LONG = 120  # characters; longer values open
Kind = Entry.Kind
SHOWN = {"all": "All", "comments": "Comments", "changes": "Changes"}
ICONS = {
    Kind.OPENED: "plus",
    Kind.REPEATED: "refresh",
    Kind.SEVERITY: "alert",
    Kind.CLEARED: "check",
    Kind.STATUS: "acknowledge",
    Kind.ASSIGNED: "assign",
    Kind.EDITED: "tag",
    Kind.ESCALATED: "escalate",
    Kind.HANDED_BACK: "rollback",
    Kind.VENDOR: "external",
    Kind.PAUSED: "pause",
    Kind.RESUMED: "play",
    Kind.CLOCK: "clock",
    Kind.LINKED: "link",
    Kind.NOTIFIED: "send",
    Kind.UNNOTIFIED: "alert",
}
TONES = {
    Kind.ESCALATED: "warning",
    Kind.VENDOR: "warning",
    Kind.CLEARED: "success",
    Kind.PAUSED: "info",
    Kind.UNNOTIFIED: "danger",
}
# What happens by the clock, and what has not happened, is nobody's.
BY_ITSELF = frozenset({Kind.CLOCK, Kind.UNNOTIFIED})
# What sources say is a title; before it stands what they did.
SOURCES = {Kind.OPENED: "Opened by", Kind.REPEATED: "Came again from", Kind.CLEARED: "Cleared by"}
# What the sentence of an entry says already.
SAID = frozenset({"tier", "assignee", "resolution_code", "occurrences", "clear"})


@dataclass(frozen=True)
class Changed:
    """A field that was changed: its values as a person reads them. `long` ones are opened."""

    field: str
    before: str
    after: str

    @property
    def long(self) -> bool:
        """Whether they are too long for a line."""
        return len(self.before) + len(self.after) > LONG or "\n" in self.before + self.after


@dataclass(frozen=True)
class EntryRow:
    """A line of the timeline with the words that it says."""

    entry: Entry
    source: str

    @property
    def is_comment(self) -> bool:
        """Whether somebody said it."""
        return self.entry.kind == Kind.COMMENT

    @property
    def icon(self) -> str:
        """The symbol of what happened."""
        if self.entry.kind == Kind.STATUS:
            return {"resolved": "check", "closed": "lock", "open": "refresh"}.get(self._status, "acknowledge")
        if self.entry.kind == Kind.OPENED and self.entry.actor is None:
            return "alert"
        return ICONS[Kind(self.entry.kind)]

    @property
    def tone(self) -> str:
        """What it means, if anything."""
        entry = self.entry
        if entry.kind == Kind.CLOCK:
            return "danger" if entry.data.get("threshold") == BREACH else "warning"
        if entry.kind in (Kind.STATUS, Kind.ASSIGNED) and self._status in ("in_progress", "resolved"):
            return "success"
        return TONES.get(Kind(entry.kind), "")

    @property
    def lead(self) -> str:
        """What stands before the name of who did it."""
        return "" if self.entry.actor else SOURCES.get(Kind(self.entry.kind), "")

    @property
    def by(self) -> str:
        """Who did it; empty for what happened by the clock."""
        if self.entry.kind in BY_ITSELF:
            return ""
        return str(self.entry.actor or (self.lead and self.source) or "zbmaint")

    @property
    def says(self) -> str:
        """What they did."""
        text = self.entry.text
        return text[:1].upper() + text[1:] if self.entry.kind in BY_ITSELF else text

    @property
    def changes(self) -> list[Changed]:
        """What it changed, from and to."""
        changed = self.entry.data.get("changed", {})
        told = ((name, [as_said(name, value) for value in pair]) for name, pair in changed.items() if name not in SAID)
        return [Changed(label(name), before, after) for name, (before, after) in told]

    @property
    def prose(self) -> str:
        """What was written with it: a reason, a note, what the alert said."""
        data = self.entry.data
        return str(data.get("note") or data.get("reason") or data.get("description") or "")

    @property
    def contact(self) -> str:
        """Whom to ask at a vendor."""
        return str(self.entry.data.get("contact", ""))

    @property
    def _status(self) -> str:
        return str(self.entry.data.get("changed", {}).get("status", ["", ""])[1])


@dataclass(frozen=True)
class Timeline:
    """A page of it, oldest first. `earlier` is the id before which there is more, `last` the newest id on the page."""

    show: str
    rows: list[EntryRow]
    earlier: int | None
    before: int | None
    last: int


def read(ticket: Ticket, show: str, before: int | None = None) -> Timeline | None:
    """The newest entries, or those before the entry `before`; None when there is no such entry."""
    found = _of(ticket, show)
    if before is not None:
        edge = ticket.entries.filter(pk=before).values_list("at", flat=True).first()
        if edge is None:
            return None
        found = found.filter(Q(at__lt=edge) | Q(at=edge, pk__lt=before))
    newest = list(found.order_by("-at", "-pk")[: PAGE_SIZE + 1])
    page = newest[:PAGE_SIZE][::-1]
    earlier = page[0].pk if len(newest) > PAGE_SIZE else None
    return Timeline(show, list(_rows(ticket, page)), earlier, before, page[-1].pk if page else 0)


def read_after(ticket: Ticket, show: str, after: int) -> Timeline:
    """What has come since the entry `after`, which may be none. A ticket's entries get their ids under its lock."""
    page = list(_of(ticket, show).filter(pk__gt=after).order_by("at", "pk")[:PAGE_SIZE])
    return Timeline(show, list(_rows(ticket, page)), None, None, page[-1].pk if page else after)


def shown(value: Any) -> str:
    """A value of the timeline's data, as a person reads it."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return moment(dt.datetime.fromisoformat(value)) if isinstance(value, str) and "T" in value[:11] else str(value)
    except ValueError:
        return str(value)


def as_said(name: str, value: Any) -> str:
    """The value of the field `name`, of which a status has words of its own."""
    return ticket_states.WORDS.get(value, str(value)) if name == "status" else shown(value)


def _of(ticket: Ticket, show: str) -> QuerySet[Entry]:
    found = ticket.entries.select_related("actor")
    if show == "comments":
        return found.filter(kind=Kind.COMMENT)
    return found.exclude(kind=Kind.COMMENT) if show == "changes" else found


def _rows(ticket: Ticket, page: list[Entry]) -> Iterator[EntryRow]:
    return (EntryRow(entry, ticket.source) for entry in page)
