"""Opening a ticket."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.db import IntegrityError
from django.utils import timezone

from incidents.actions.assignment import assign_by_rule
from incidents.actions.changing import Kind, opening
from incidents.actions.refusals import TicketRefused
from incidents.actions.set_up import SetUp
from incidents.models import Category, Severity, Ticket
from incidents.rules import recurrence, texts, tiers
from zbmaint.access.models import Person

LONGEST_REPORTER = 150
NO_REPORTER = "Say who reports it."


@dataclass(frozen=True)
class Draft:
    """What a new ticket is made of. `tier` None: where its category begins, else tier 1.

    `id` is the ticket's, if whoever sends it may send it twice.
    """

    title: str
    reporter: str
    description: str = ""
    severity: str = Severity.MEDIUM
    category: Category | None = None
    tier: int | None = None
    tags: tuple[str, ...] = ()
    reported_by: Person | None = None
    source: str = ""
    key: str = ""
    id: uuid.UUID | None = None


def open_ticket(draft: Draft, *, actor: Person | None) -> Ticket:
    """Open a ticket: it begins in its tier, with its clock, and is given to whom the rules name.

    A draft with an `id` that was sent before is the ticket that was opened then; changed since, it is another one.
    Raises TicketRefused for what no ticket can be made of.
    """
    for field, problem in (
        ("title", texts.why_not_title(draft.title)),
        ("description", texts.why_not_text(draft.description)),
        ("reporter", texts.why_not_line(draft.reporter, LONGEST_REPORTER) if draft.reporter.strip() else NO_REPORTER),
        ("severity", None if draft.severity in Severity.values else f"Choose one of {', '.join(Severity.values)}."),
    ):
        if problem:
            raise TicketRefused(problem, field)
    if draft.id is not None and (sent := Ticket.objects.filter(pk=draft.id).first()) is not None:
        return sent if _is(sent, draft) else _open(replace(draft, id=None), actor)
    try:
        return _open(draft, actor)
    except IntegrityError:
        # The same form, sent twice at the same moment: the first has won.
        sent = Ticket.objects.filter(pk=draft.id).first() if draft.id is not None else None
        if sent is None:
            raise
        return sent


def _open(draft: Draft, actor: Person | None) -> Ticket:
    now = timezone.now()
    set_up = SetUp()
    with opening([made(draft, now, set_up)], actor=actor, now=now, set_up=set_up) as (change,):
        change.verb = "ticket_opened"
        change.tell(Kind.OPENED, "opened it")
        change.watch(actor)
        assign_by_rule(change)
    return change.ticket


def _is(ticket: Ticket, draft: Draft) -> bool:
    """Whether `ticket` was made of this draft, as far as title and description say."""
    return (ticket.title, ticket.description) == (draft.title.strip(), draft.description)


def made(draft: Draft, now: dt.datetime, set_up: SetUp) -> Ticket:
    """The ticket of a draft, not saved yet."""
    tier = draft.tier or (draft.category.first_tier_id if draft.category else None) or tiers.FIRST
    category = draft.category.key if draft.category else ""
    return Ticket(
        id=draft.id or uuid.uuid4(),
        title=draft.title.strip(),
        description=draft.description,
        severity=Severity(draft.severity),
        tier=set_up.tier(tier),
        category=draft.category,
        source=draft.source,
        key=draft.key,
        kind=recurrence.kind_of(source=draft.source, key=draft.key, category=category, title=draft.title),
        reporter=draft.reporter.strip()[:LONGEST_REPORTER],
        reported_by=draft.reported_by,
        tags=set_up.tags(draft.tags),
        created_at=now,
        updated_at=now,
        last_seen_at=now,
    )
