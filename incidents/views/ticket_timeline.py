"""The timeline of a ticket, read for a page: what people said and what happened, in one stream."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from incidents.models import Entry, Ticket
from incidents.rules import ticket_states
from incidents.rules.clocks import BREACH
from zbmaint.access.models import Person
from zbmaint.prepared import Prepared
from zbmaint.ui.templatetags.ui import moving_time
from zbmaint.ui.words import label, moment, relative

PAGE_SIZE = 200
KEPT: Final = 3_000  # entries in one process, about 1 KB each
MOST_KEPT: Final = 4_000  # characters of one
TIME: Final = "\x02time\x03"  # no text that is kept holds it
LONG = 120  # characters; longer values open
Kind = Entry.Kind
SHOWN = {"all": "All", "comments": "Comments", "changes": "Changes"}
ICONS = {
    Kind.OPENED: "plus",
    Kind.REPEATED: "refresh",
    Kind.SEVERITY: "alert",
    Kind.CLEARED: "check",
    Kind.ALERTS: "sources",
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
SOURCES = {
    Kind.OPENED: "Opened by",
    Kind.REPEATED: "Came again from",
    Kind.CLEARED: "Cleared by",
    Kind.ALERTS: "Told by",
}
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


class Line(NamedTuple):
    """What the timeline reads of an entry; COLUMNS names the same for `values_list`. `data` is JSON as text."""

    pk: int
    kind: str
    text: str
    at: dt.datetime
    data: str
    actor: str | None
    tier: int | None


COLUMNS: Final = ("pk", "kind", "text", "at", "raw", "actor__username", "actor__tier")


class EntryRow(NamedTuple):
    """A line of the timeline with the words that it says, of a ticket of `source`; `mine` if the reader wrote it.

    It is all that is shown, but for how long ago that was: its HTML is made once for each, and can never be older than
    what it shows.
    """

    entry: Line
    source: str
    mine: bool

    def html(self, now: dt.datetime) -> str:
        """Itself as HTML, as a page shows it at `now`."""
        entry = self.entry
        before, after = (_kept if len(entry.text) + len(entry.data) <= MOST_KEPT else _around_time)(self)
        return f"{before}{relative(entry.at, now)}{after}"

    @property
    def data(self) -> dict[str, Any]:
        """What it holds."""
        found: dict[str, Any] = json.loads(self.entry.data)
        return found

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
            return "danger" if self.data.get("threshold") == BREACH else "warning"
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
        changed = self.data.get("changed", {})
        told = ((name, [as_said(name, value) for value in pair]) for name, pair in changed.items() if name not in SAID)
        return [Changed(label(name), before, after) for name, (before, after) in told]

    @property
    def prose(self) -> str:
        """What was written with it: a reason, a note, what the alert said."""
        data = self.data
        return str(data.get("note") or data.get("reason") or data.get("description") or "")

    @property
    def contact(self) -> str:
        """Whom to ask at a vendor."""
        return str(self.data.get("contact", ""))

    @property
    def _status(self) -> str:
        return str(self.data.get("changed", {}).get("status", ["", ""])[1])


def _around_time(row: EntryRow) -> tuple[str, str]:
    """The entry around the time, whose text moves."""
    time = moving_time(row.entry.at, TIME)
    html = get_template("incidents/ticket/entry.html").render({"row": row, "entry": row.entry, "time": time})
    before, _, after = html.partition(TIME)
    return before, after


_kept = lru_cache(maxsize=KEPT)(_around_time)


@dataclass(frozen=True)
class Timeline:
    """A page of it, oldest first. `earlier` is the id before which there is more, `last` the newest id on the page."""

    show: str
    rows: list[EntryRow]
    earlier: int | None
    before: int | None
    last: int

    @property
    def html(self) -> SafeString:
        """Its lines as a page shows them now."""
        now = timezone.now()
        return mark_safe("\n".join(row.html(now) for row in self.rows))  # noqa: S308 - rendered by templates


def read(ticket: Ticket, show: str, reader: Person, before: int | None = None) -> Timeline | None:
    """The newest entries, or those before the entry `before`; None when there is no such entry."""
    if before is None:
        newest = NEWEST[show].rows(ticket.pk)
    else:
        edge = ticket.entries.filter(pk=before).values_list("at", flat=True).first()
        if edge is None:
            return None
        earlier_ones = _of(ticket.pk, show).filter(Q(at__lt=edge) | Q(at=edge, pk__lt=before))
        newest = list(earlier_ones.order_by("-at", "-pk")[: PAGE_SIZE + 1])
    page = _rows(ticket, newest[:PAGE_SIZE][::-1], reader)
    earlier = page[0].entry.pk if len(newest) > PAGE_SIZE else None
    return Timeline(show, page, earlier, before, page[-1].entry.pk if page else 0)


def read_after(ticket: Ticket, show: str, reader: Person, after: int) -> Timeline:
    """What has come since the entry `after`, which may be none. A ticket's entries get their ids under its lock."""
    page = _rows(ticket, _of(ticket.pk, show).filter(pk__gt=after).order_by("at", "pk")[:PAGE_SIZE], reader)
    return Timeline(show, page, None, None, page[-1].entry.pk if page else after)


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


def _of(ticket: uuid.UUID, show: str) -> QuerySet[Entry, tuple[Any, ...]]:
    raw = Cast("data", TextField())
    found = Entry.objects.filter(ticket=ticket).annotate(raw=raw).values_list(*COLUMNS)
    if show == "comments":
        return found.filter(kind=Kind.COMMENT)
    return found.exclude(kind=Kind.COMMENT) if show == "changes" else found


def _rows(ticket: Ticket, page: Iterable[tuple[Any, ...]], reader: Person) -> list[EntryRow]:
    lines = map(Line._make, page)
    return [EntryRow(line, ticket.source, mine=line.actor == reader.username) for line in lines]


def _newest(show: str) -> Prepared[Entry]:
    return Prepared(lambda ticket: _of(ticket, show).order_by("-at", "-pk")[: PAGE_SIZE + 1], uuid.UUID(int=0))


NEWEST: Final = {show: _newest(show) for show in SHOWN}
