"""The one door for alerts: each becomes a ticket, joins one, or clears one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents.actions.assignment import assign_by_rule
from incidents.actions.changing import Change, Kind, changing, opening
from incidents.actions.editing import raise_severity
from incidents.actions.opening import Draft, made
from incidents.actions.set_up import SetUp
from incidents.actions.statuses import end
from incidents.intake.alert import Alert, Reference
from incidents.models import Link, ResolutionCode, Ticket
from incidents.rules import keys, linking, severities, texts, ticket_states
from zbmaint.queue.locks import transaction_lock

BY_ITSELF = "resolved it: nobody had begun, and its source is clear"


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
    number = Ticket.objects.unfinished().filter(source=alert.source, key=key).values_list("number", flat=True).first()
    if number is None:
        return _opened(alert, key)
    with changing(number, actor=None) as change:
        # Its people may have resolved it while we waited for its row.
        finished = not change.ticket.is_unfinished
        if not finished:
            _repeat(change, alert) if alert.is_firing else _clear(change, alert)
    if finished:
        return _opened(alert, key)
    return change.ticket


def _opened(alert: Alert, key: str) -> Ticket | None:
    return open_for(Raised(alert, key))[0] if alert.is_firing else None


@dataclass(frozen=True)
class Raised:
    """A firing alert that no ticket has; the caller holds the lock of its `key`, as it is stored.

    `previous` is the ticket that had the alert before, `facts` are what the timeline keeps too.
    """

    alert: Alert
    key: str
    previous: Ticket | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_for(*raised: Raised) -> list[Ticket]:
    """Open the tickets of firing alerts, and give them to whom the rules name."""
    now, set_up = timezone.now(), SetUp()
    tickets = [made(_draft(each, set_up), now, set_up) for each in raised]
    with opening(tickets, actor=None, now=now, set_up=set_up) as changes:
        for change, each in zip(changes, raised, strict=True):
            change.verb = "ticket_opened"
            change.tell(Kind.OPENED, each.alert.title, **_facts(each.alert), **each.facts)
        link([(ticket, to) for ticket, each in zip(tickets, raised, strict=True) for to in _references(each)])
        assign_by_rule(*changes)
    return tickets


def _draft(raised: Raised, set_up: SetUp) -> Draft:
    alert = raised.alert
    return Draft(
        title=alert.title[: texts.LONGEST_TITLE],
        description=alert.description[: texts.LONGEST_TEXT],
        severity=alert.severity,
        category=set_up.category(alert.category),
        tier=alert.tier,
        tags=alert.tags,
        reporter=alert.reporter or alert.source,
        source=alert.source,
        key=raised.key,
    )


def _references(raised: Raised) -> tuple[Reference, ...]:
    """What its ticket is linked to: what the alert is about, and the ticket that had it before."""
    previous = raised.previous
    if previous is None:
        return raised.alert.references
    before = f"Before: {previous} {previous.title}"
    earlier = Reference(linking.TICKET, str(previous.number), before, previous.get_absolute_url())
    return (*raised.alert.references, earlier)


def fires_again(change: Change) -> None:
    """Count it once more; its source is not clear any more."""
    ticket = change.ticket
    change.set("occurrences", ticket.occurrences + 1)
    ticket.last_seen_at = change.now
    ticket.clear, ticket.cleared_at = False, None


def mark_clear(change: Change, text: str, **facts: Any) -> bool:
    """Mark that its source is clear, and resolve a ticket that nobody has touched; False: nothing was new in it."""
    ticket = change.ticket
    touched = ticket.entries.filter(actor__isnull=False).exists()
    resolves = ticket_states.clear_resolves(ticket.status, touched=touched)
    if ticket.clear and not resolves:
        return False  # nothing that its people do not know yet
    ticket.cleared_at = change.now
    change.set("clear", True)
    change.tell(Kind.CLEARED, text, **facts)
    change.verb = "ticket_cleared"
    if resolves:
        end(change, ResolutionCode.BY_ITSELF, "")
        change.tell(Kind.STATUS, BY_ITSELF, code=ResolutionCode.BY_ITSELF)
        change.verb = "ticket_resolved"
    return True


def link(pairs: Iterable[tuple[Ticket, Reference]]) -> None:
    """Link tickets to what their alerts are about; a link that is there gets the newer words."""
    links = {
        (ticket.pk, to.kind, to.id): Link(ticket=ticket, kind=to.kind, ref=to.id, label=to.label[:200], url=to.url)
        for ticket, to in pairs
    }
    Link.objects.bulk_create(
        links.values(),
        update_conflicts=True,
        unique_fields=["ticket", "kind", "ref"],
        update_fields=["label", "url"],
    )


def link_to(ticket: Ticket, references: Iterable[Reference]) -> None:
    """The same for one ticket."""
    link([(ticket, reference) for reference in references])


def _repeat(change: Change, alert: Alert) -> None:
    ticket = change.ticket
    change.verb = "ticket_repeated"
    fires_again(change)
    change.tell(Kind.REPEATED, alert.title, **_facts(alert))
    worst = severities.worse(ticket.severity, alert.severity)
    if worst != ticket.severity:
        raise_severity(change, worst)
    link_to(ticket, alert.references)


def _clear(change: Change, alert: Alert) -> None:
    if mark_clear(change, alert.title, **_facts(alert)):
        link_to(change.ticket, alert.references)


def _facts(alert: Alert) -> dict[str, Any]:
    facts: dict[str, Any] = {"severity": alert.severity, "occurred_at": alert.occurred_at.isoformat()}
    return facts | ({"description": alert.description} if alert.description else {})
