"""The one door for alerts: each becomes a ticket, joins one, or clears one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents.intake.alert import Alert
from incidents.models import Entry, Link, Severity, Status, Ticket
from incidents.rules import keys, severities, ticket_states
from zbmaint.audit.record import record
from zbmaint.queue.locks import transaction_lock

Kind = Entry.Kind
RAISED = "Severity raised from {} to {}."
BY_ITSELF = "Resolved by itself: nobody had begun, and its source is clear."


@transaction.atomic
def receive(alert: Alert) -> Ticket | None:
    """Take an alert in; returns the ticket that it went to, None for a resolved one that no ticket waits for.

    Firing: the unfinished ticket of its source and key takes it into its timeline, and its severity if that is worse
    (it is never lowered by a source); without one a ticket is opened, also when an earlier one of the key was resolved.

    Resolved: the ticket is marked clear. The next success clears it: one that nobody has touched is resolved by that
    alone. A source never overrules a person, so a ticket that somebody works on only gets the mark.

    One transaction with what the caller writes. Two alerts of one key come one after the other; who raises several in
    one transaction does so in the order of their keys.
    """
    key = keys.stored(alert.key)
    transaction_lock(f"ticket:{alert.source}:{key}")
    ticket = Ticket.objects.unfinished().select_for_update().filter(source=alert.source, key=key).first()
    if not alert.is_firing:
        if ticket is not None:
            _clear(ticket, alert)
    elif ticket is None:
        ticket = _open(alert, key)
    else:
        _repeat(ticket, alert)
    return ticket


def _open(alert: Alert, key: str) -> Ticket:
    now = timezone.now()
    ticket = Ticket.objects.create(
        title=alert.title[:300],
        description=alert.description,
        severity=Severity(alert.severity),
        source=alert.source,
        key=key,
        reporter=(alert.reporter or alert.source)[:150],
        tags=list(alert.tags),
        created_at=now,
        updated_at=now,
        last_seen_at=now,
    )
    _link(ticket, alert)
    _tell(ticket, Kind.OPENED, alert.title, alert, now)
    record("ticket_opened", ticket, None, after={"title": ticket.title, "severity": ticket.severity, "key": key})
    return ticket


def _repeat(ticket: Ticket, alert: Alert) -> None:
    now = timezone.now()
    ticket.occurrences += 1
    ticket.last_seen_at = now
    ticket.clear, ticket.cleared_at = False, None
    worst = severities.worse(ticket.severity, alert.severity)
    _tell(ticket, Kind.REPEATED, alert.title, alert, now)
    if worst != ticket.severity:
        before, ticket.severity = ticket.severity, Severity(worst)
        _tell(ticket, Kind.SEVERITY, RAISED.format(before, worst), alert, now)
    _link(ticket, alert)
    _changed(ticket, now)
    record("ticket_repeated", ticket, None, after={"occurrences": ticket.occurrences, "severity": ticket.severity})


def _clear(ticket: Ticket, alert: Alert) -> None:
    now = timezone.now()
    touched = ticket.entries.filter(actor__isnull=False).exists()
    resolves = ticket_states.clear_resolves(ticket.status, touched=touched)
    if ticket.clear and not resolves:
        return  # nothing that its people do not know yet
    ticket.clear, ticket.cleared_at = True, now
    _tell(ticket, Kind.CLEARED, alert.title, alert, now)
    if resolves:
        ticket.status, ticket.resolved_at = Status.RESOLVED, now
        _tell(ticket, Kind.STATUS, BY_ITSELF, alert, now)
    _link(ticket, alert)
    _changed(ticket, now)
    verb = "ticket_resolved" if resolves else "ticket_cleared"
    record(verb, ticket, None, after={"status": ticket.status, "clear": True})


def _changed(ticket: Ticket, now: dt.datetime) -> None:
    ticket.updated_at = now
    ticket.version += 1
    ticket.save()


def _tell(ticket: Ticket, kind: Entry.Kind, text: str, alert: Alert, now: dt.datetime) -> None:
    data: dict[str, Any] = {"severity": alert.severity, "occurred_at": alert.occurred_at.isoformat()}
    if kind in (Kind.OPENED, Kind.REPEATED, Kind.CLEARED) and alert.description:
        data["description"] = alert.description
    Entry.objects.create(ticket=ticket, kind=kind, text=text, at=now, data=data)


def _link(ticket: Ticket, alert: Alert) -> None:
    for reference in alert.references:
        Link.objects.update_or_create(
            ticket=ticket,
            kind=reference.kind,
            ref=reference.id,
            defaults={"label": reference.label[:200], "url": reference.url},
        )
