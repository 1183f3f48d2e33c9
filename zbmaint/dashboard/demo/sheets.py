"""Tickets on their way into the database: their rows, table by table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from incidents.intake.alert import Reference
from incidents.models import ClockEvent, Entry, Link, Pause, Stint, Ticket, VendorEscalation, Watcher
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.copying import Row, Sheet, as_json, sheet
from zbmaint.dashboard.demo.life import Life
from zbmaint.dashboard.demo.stay import Stay

TICKET_FIELDS = (
    *("id", "number", "title", "description", "severity", "status", "tier", "assignee", "accepted_at", "category"),
    *("source", "key", "kind", "reporter", "reported_by", "tags", "clear", "cleared_at", "occurrences", "created_at"),
    *("updated_at", "last_seen_at", "first_response_at", "due_at", "due_clock", "at_risk_at", "next_clock_at"),
    *("paused_until", "resolved_at", "closed_at", "resolution_code", "resolution_note", "resolution_seconds"),
    *("resolution_business_seconds", "resolution_net_seconds", "reopened", "version"),
)
STINT_FIELDS = (
    *("id", "ticket", "tier", "how", "criterion", "reason", "entered_at", "entered_by", "left_at", "calendar"),
    *("response_seconds", "response_due_at", "responded_at", "responded_by", "response", "breached_at"),
)
ENTRY_FIELDS = ("ticket", "kind", "text", "at", "actor", "version", "data")
EVENT_FIELDS = ("stint", "clock", "threshold", "moment", "recorded_at", "void_at")
PAUSE_FIELDS = ("ticket", "stint", "begun_at", "until", "ended_at", "reason", "by")
VENDOR_FIELDS = ("id", "ticket", "criterion", "reason", "vendor", "reference", "contact", "at", "by")
LINK_FIELDS = ("ticket", "kind", "ref", "label", "url")
WATCHER_FIELDS = ("ticket", "person", "since")
SEEN_AFTER = dt.timedelta(hours=9)  # what went to a vendor longer ago, lead and manager have seen
TABLES = (Ticket, Stint, Entry, ClockEvent, Pause, VendorEscalation, Link, Watcher)


class Ids:
    """Ids for one of several parts, which interleave; the database is not asked for each."""

    def __init__(self, stint: int, vendor: int, part: int = 0, parts: int = 1) -> None:
        self.stint = count(stint + part, parts)
        self.vendor = count(vendor + part, parts)


def of(lives: list[Life], links: Mapping[int, Iterable[Reference]], ids: Ids) -> Iterator[Sheet]:
    """Tickets with all that belongs to them, in an order in which they can be copied; `links` by their numbers."""
    yield sheet(Ticket, TICKET_FIELDS, map(_ticket, lives))
    numbered = [(next(ids.stint), life, stay) for life in lives for stay in life.stays]
    yield sheet(Stint, STINT_FIELDS, (_stint(number, life, stay) for number, life, stay in numbered))
    yield sheet(Entry, ENTRY_FIELDS, (row for life in lives for row in _entries(life)))
    events = (
        (number, "response", each.threshold, each.moment, each.recorded_at, each.void_at)
        for number, _, stay in numbered
        for each in stay.passed
    )
    yield sheet(ClockEvent, EVENT_FIELDS, events)
    pauses = (
        (life.id, number, halt.begun_at, halt.until, halt.ended_at, halt.reason, halt.by.pk)
        for number, life, stay in numbered
        for halt in stay.halts
    )
    yield sheet(Pause, PAUSE_FIELDS, pauses)
    watchers = ((life.id, person.pk, since) for life in lives for person, since in life.watchers.items())
    yield sheet(Watcher, WATCHER_FIELDS, watchers)
    linked = (
        (life.id, link.kind, link.id, link.label[:200], link.url)
        for life in lives
        for link in links.get(life.number, ())
    )
    yield sheet(Link, LINK_FIELDS, linked)
    yield from _vendors([life for life in lives if life.vendors], ids)


def _vendors(lives: list[Life], ids: Ids) -> Iterator[Sheet]:
    given = [(next(ids.vendor), life, vendor) for life in lives for vendor in life.vendors]
    rows = (
        (number, life.id, each.criterion, each.reason, each.name, each.reference, each.contact, each.at, each.by.pk)
        for number, life, each in given
    )
    yield sheet(VendorEscalation, VENDOR_FIELDS, rows)
    seen = (
        (number, life.desk.roles[role].pk)
        for number, life, each in given
        for role in ("lead", "manager")
        if life.desk.now - each.at > SEEN_AFTER
    )
    yield sheet(VendorEscalation.seen_by.through, ("vendorescalation", "person"), seen)


def _ticket(life: Life) -> Row:
    opened, stay, taken = life.opened, life.stay, life.taken
    ended, due = life.resolved_at is not None, life.due_at
    halt = stay.halt if stay else None
    return (
        *(life.id, life.number, life.title, opened.description, life.severity, life.status, life.tier),
        *(_pk(life.assignee), life.accepted_at, life.desk.categories.get(opened.category), opened.source, opened.key),
        *(life.kind, opened.reporter, _pk(opened.reported_by), as_json(life.tags), life.cleared_at is not None),
        *(life.cleared_at, life.occurrences, life.created_at, life.updated_at, life.last_seen_at),
        *(life.first_response_at, due, "response" if due else "", stay.at_risk_at if stay and due else None),
        *(stay.next[1] if stay and stay.next else None, halt.until if halt else None, life.resolved_at),
        *(life.closed_at, life.resolution_code, life.resolution_note),
        *(_seconds(taken.wall) if ended else None, _seconds(taken.business) if ended else None),
        *(_seconds(taken.net) if ended else None, life.reopened, life.version),
    )


def _stint(number: int, life: Life, stay: Stay) -> Row:
    return (
        *(number, life.id, stay.tier, stay.how, stay.criterion, stay.reason, stay.entered_at, _pk(stay.entered_by)),
        *(stay.left_at, "{}", stay.response_seconds, stay.response_due_at, stay.responded_at),
        *(_pk(stay.responded_by), stay.response, stay.breached_at),
    )


def _entries(life: Life) -> Iterator[Row]:
    for line in life.lines:
        data = as_json(line.data) if line.data else "{}"
        yield (life.id, line.kind, line.text, line.at, _pk(line.actor), line.version, data)


def _pk(person: Person | None) -> int | None:
    return person.pk if person is not None else None


def _seconds(length: dt.timedelta) -> int:
    return int(length.total_seconds())
