"""The tickets that the generated runs open and clear, as the one door for alerts would have written them then."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection

from incidents.actions.intake import BY_ITSELF
from incidents.intake.alert import Alert, Reference
from incidents.models import Entry, Link, Ticket
from incidents.models.ticket import NUMBERS
from incidents.rules import recurrence, severities
from maintenance import alerts
from maintenance.models import Occurrence, Run, Target
from maintenance.rules.alerting import signal_of
from zbmaint.dashboard.demo.asked import Due
from zbmaint.dashboard.demo.audit import Deed
from zbmaint.dashboard.demo.copying import Row, as_json, copy_rows
from zbmaint.dashboard.demo.findings import TASK, Changes

FIELDS = (
    *("id", "number", "title", "description", "severity", "status", "source", "key", "reporter", "tags", "clear"),
    *("cleared_at", "occurrences", "created_at", "updated_at", "last_seen_at", "resolved_at", "version"),
    *("tier", "kind", "due_clock", "resolution_code", "resolution_note", "resolution_seconds", "reopened"),
)
ENTRY_FIELDS, LINK_FIELDS = (
    ("ticket", "kind", "text", "at", "data", "version"),
    ("ticket", "kind", "ref", "label", "url"),
)
NAMES = uuid.UUID("6f2f7d2e-6a3c-5d0b-8a53-2f0c1d9a7b11")  # so that the same seed gives the same ids
Kind = Entry.Kind


@dataclass
class _Told:
    """A ticket as it is now."""

    number: int
    opened_by: Alert
    at: dt.datetime
    severity: str
    last_seen_at: dt.datetime
    occurrences: int = 1
    version: int = 1
    resolved_at: dt.datetime | None = None
    entries: list[tuple[str, str, dt.datetime, str]] = field(default_factory=list)
    links: dict[tuple[str, str], Reference] = field(default_factory=dict)

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(NAMES, f"{self.number}:{self.opened_by.key}:{self.at.isoformat()}")

    def tell(self, kind: Kind, text: str, alert: Alert, at: dt.datetime) -> None:
        data = {"severity": alert.severity, "occurred_at": alert.occurred_at.isoformat()}
        told = kind in (Kind.OPENED, Kind.REPEATED, Kind.CLEARED) and alert.description
        self.entries.append((kind, text, at, as_json(data | ({"description": alert.description} if told else {}))))

    def link(self, alert: Alert) -> None:
        self.links |= {(reference.kind, reference.id): reference for reference in alert.references}


class Tickets:
    """Follows the alerts of the runs, which come in the order of their time."""

    def __init__(self, targets: dict[str, Target]) -> None:
        self._targets = {target.pk: target for target in targets.values()}
        self._missed: list[Due] = []
        self._open: dict[str, _Told] = {}
        self._every: list[_Told] = []
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s)", [NUMBERS])
            self._first = int(cursor.fetchone()[0])

    def expect(self, due: Iterable[Due]) -> None:
        """The due times, of which the missed ones come to pass between the runs."""
        missed = (each for each in due if each.state == Occurrence.State.MISSED and each.task.task == TASK)
        self._missed = sorted(missed, key=lambda each: each.decided_at)

    def run_ended(self, run: Run, changes: Changes) -> list[Deed]:
        """What the end of a run, and what was missed before it, opens, joins and clears. Returns the deeds."""
        assert run.finished_at is not None  # noqa: S101  # what is generated has ended
        run.target = self._targets.get(run.target_id) if run.target_id else None
        for finding in (*changes.news, *changes.gone):
            finding.target = run.target
        told = [*self._until(run.finished_at)]
        told += [(run.finished_at, alerts.of_finding(finding, run=run)) for finding in changes.news]
        for finding in changes.gone:
            title = f"Resolved: {finding.title}"
            told.append((run.finished_at, alerts.of_finding(finding, "resolved", run=run, title=title)))
        signal = signal_of(run.state, dry_run=False, news=bool(changes.news))
        if signal:
            told.append((run.finished_at, alerts.of_run(run, "firing" if signal == "raise" else "resolved")))
        return [deed for at, alert in told for deed in self._receive(alert, at)]

    def _until(self, moment: dt.datetime) -> Iterator[tuple[dt.datetime, Alert]]:
        while self._missed and self._missed[0].decided_at <= moment:
            due = self._missed.pop(0)
            occurrence = Occurrence(
                task=due.task.task,
                schedule=due.task.schedule,
                scheduled_task=due.task,
                due_at=due.due_at,
                reason=due.reason,
            )
            yield due.decided_at, alerts.of_missed(occurrence)

    def _receive(self, alert: Alert, at: dt.datetime) -> Iterator[Deed]:
        ticket = self._open.get(alert.key)
        if not alert.is_firing:
            if ticket is not None:
                yield self._resolve(ticket, alert, at)
        elif ticket is None:
            yield self._begin(alert, at)
        else:
            yield self._repeat(ticket, alert, at)

    def _begin(self, alert: Alert, at: dt.datetime) -> Deed:
        number = self._first + len(self._every)
        ticket = self._open[alert.key] = _Told(number, alert, at, alert.severity, at)
        self._every.append(ticket)
        ticket.link(alert)
        ticket.tell(Kind.OPENED, alert.title, alert, at)
        return _deed(ticket, "ticket_opened", at)

    def _repeat(self, ticket: _Told, alert: Alert, at: dt.datetime) -> Deed:
        ticket.occurrences, ticket.version, ticket.last_seen_at = ticket.occurrences + 1, ticket.version + 1, at
        ticket.tell(Kind.REPEATED, alert.title, alert, at)
        worst = severities.worse(ticket.severity, alert.severity)
        if worst != ticket.severity:
            ticket.tell(Kind.SEVERITY, f"changed the severity from {ticket.severity} to {worst}", alert, at)
            ticket.severity = worst
        ticket.link(alert)
        return _deed(ticket, "ticket_repeated", at)

    def _resolve(self, ticket: _Told, alert: Alert, at: dt.datetime) -> Deed:
        ticket.version, ticket.resolved_at = ticket.version + 1, at
        ticket.tell(Kind.CLEARED, alert.title, alert, at)
        ticket.tell(Kind.STATUS, BY_ITSELF, alert, at)
        ticket.link(alert)
        del self._open[alert.key]
        return _deed(ticket, "ticket_resolved", at)

    def write(self) -> int:
        """Write the tickets as they are after the last run; returns how many."""
        written = copy_rows(Ticket, FIELDS, map(_row, self._every))
        copy_rows(Entry, ENTRY_FIELDS, ((each.id, *entry, 1) for each in self._every for entry in each.entries))
        links = ((each.id, each.links.values()) for each in self._every)
        copy_rows(
            Link,
            LINK_FIELDS,
            ((id_, link.kind, link.id, link.label[:200], link.url) for id_, mine in links for link in mine),
        )
        if self._every:
            with connection.cursor() as cursor:
                cursor.execute("SELECT setval(%s, %s)", [NUMBERS, self._every[-1].number])
        return written


def _row(told: _Told) -> Row:
    alert, ended = told.opened_by, told.resolved_at
    updated = max(at for _, _, at, _ in told.entries)
    return (
        *(told.id, told.number, alert.title[:300], alert.description, told.severity, "resolved" if ended else "open"),
        *(alert.source, alert.key, alert.reporter, as_json(alert.tags), ended is not None, ended, told.occurrences),
        *(told.at, updated, told.last_seen_at, ended, told.version),
        *(1, recurrence.kind_of(source=alert.source, key=alert.key, category="", title=""), ""),
        *("by_itself" if ended else "", "", int((ended - told.at).total_seconds()) if ended else None, 0),
    )


def _deed(ticket: _Told, verb: str, at: dt.datetime) -> Deed:
    facts = {"severity": ticket.severity, "occurrences": ticket.occurrences}
    return Deed(at, None, verb, "ticket", ticket.id, f"INC-{ticket.number}", facts)
