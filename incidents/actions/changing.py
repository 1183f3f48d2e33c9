"""The one shape in which a ticket is changed: its row locked, its timeline, its clocks, its version, its audit entry.

```
with changing(number, actor=actor, seen=version) as change:
    why = ticket_states.why_not(...)            # a pure rule
    change.set("severity", Severity.HIGH)
    change.tell(Kind.SEVERITY, "raised the severity to high")
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from incidents.actions import words
from incidents.actions.clocks import Clocks, begin
from incidents.actions.refusals import Clash, Conflict
from incidents.actions.set_up import SetUp
from incidents.models import ClockEvent, Entry, Pause, Stint, Ticket, Watcher
from incidents.models.entry import HAD
from incidents.notices.news import News
from incidents.notices.posting import announce
from incidents.rules import responding
from incidents.rules.clocks import BREACH
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.audit.record import record_all, said
from zbmaint.ui.words import duration_in_words

Kind = Entry.Kind
SAID = frozenset({"title", "description", "tags"})  # by which words a ticket is found
# What a click on a button has seen when it was drawn; a change of these by somebody else makes it another question.
SEEN = ("status", "tier", "assignee")


class Change:
    """One change of one ticket by one actor (None: the product or a source), at one moment."""

    def __init__(self, ticket: Ticket, actor: Person | None, now: dt.datetime, set_up: SetUp | None = None) -> None:
        self.ticket = ticket
        self.actor = actor
        self.now = now
        self.set_up = set_up or SetUp()
        self.entries: list[Entry] = []
        self.verb = ""
        self.had = ticket.assignee_id
        self.accepts = actor is not None and ticket.assignee_id == actor.pk  # whatever its assignee does accepts it
        self._told: Entry | None = None
        self._before: dict[str, Any] = {}
        self._after: dict[str, Any] = {}
        self._untold: dict[str, list[Any]] = {}
        self._untold_had = ticket.assignee_id

    @cached_property
    def clocks(self) -> Clocks | None:
        """The clocks of its present stay; None while it is finished, or not in a tier yet."""
        if self.ticket._state.adding:
            return None
        stint = Stint.objects.filter(ticket=self.ticket, left_at__isnull=True).select_related("tier").first()
        return None if stint is None else Clocks(self.ticket, stint)

    def set(self, field: str, value: Any) -> bool:
        """Give a field its value; what differs is in the next entry that is told, and in the audit entry."""
        before = getattr(self.ticket, field)
        if before == value:
            return False
        self._before.setdefault(field, as_fact(before))
        self._after[field] = as_fact(value)
        first, _ = self._untold.get(field, (as_fact(before), None))
        self._untold[field] = [first, as_fact(value)]
        setattr(self.ticket, field, value)
        return True

    def tell(self, kind: Entry.Kind, text: str, **data: Any) -> Entry:
        """Add a line to the timeline, with the fields that were set since the last one.

        Who had it before is kept by number too: people are renamed.
        """
        if "assignee" in self._untold:
            data[HAD], self._untold_had = self._untold_had, self.ticket.assignee_id
        if self._untold:
            data["changed"], self._untold = self._untold, {}
        entry = Entry(ticket=self.ticket, kind=kind, text=text, at=self.now, actor=self.actor, data=data)
        self.entries.append(entry)
        self._told = self._told or entry
        return entry

    def responds(self, what: str) -> str:
        """Stop the tier's response clock, if this actor may and it runs. Returns what there is to say of it.

        `what` is what they did, such as `acknowledged`.
        """
        clocks, actor = self.clocks, self.actor
        if clocks is None or actor is None or clocks.stint.responded_at is not None:
            return ""
        if not responding.counts(
            actor_tier=actor.tier, tier=self.ticket.tier_id, is_assignee=self.ticket.assignee_id == actor.pk
        ):
            return ""
        self.passed(clocks.record_passed(self.now))
        stint, took = clocks.stint, clocks.response.used(self.now)
        stint.responded_at, stint.responded_by, stint.response = self.now, actor, what
        self.ticket.first_response_at = self.ticket.first_response_at or self.now
        verdict = "late, after" if stint.breached_at else "met in"
        return f"{stint.tier} response {verdict} {duration_in_words(took)}"

    def passed(self, events: Sequence[ClockEvent]) -> None:
        """Tell what the clocks have passed, under the product's own name."""
        for event in events:
            clock = event.get_clock_display().lower()
            missed = event.threshold == BREACH
            text = f"{clock} target missed" if missed else f"{clock} at {event.threshold} % of its target"
            data = {"clock": event.clock, "threshold": event.threshold, "moment": event.moment.isoformat()}
            self.entries.append(Entry(ticket=self.ticket, kind=Kind.CLOCK, text=text, at=self.now, data=data))

    def go_on(self) -> Pause | None:
        """End the pause, if there is one, and return it. At its end it goes on by itself, however late that is seen."""
        clocks = self.clocks
        pause = clocks.go_on(self.now) if clocks is not None else None
        if pause is not None and pause.ended_at is not None:
            by_itself = pause.ended_at == pause.until
            length = duration_in_words(pause.ended_at - pause.begun_at)
            text = f"went on after a pause of {length}" if by_itself else f"let it go on after a pause of {length}"
            actor = None if by_itself else self.actor
            self.entries.append(Entry(ticket=self.ticket, kind=Kind.RESUMED, text=text, at=self.now, actor=actor))
        return pause

    def watch(self, person: Person | None) -> None:
        """Let `person` follow the ticket."""
        if person is not None:
            Watcher.objects.get_or_create(ticket=self.ticket, person=person, defaults={"since": self.now})

    def enter(self, how: Stint.How, *, criterion: str = "", reason: str = "") -> None:
        """End the present stay, if there is one, and begin one in the tier that is set now."""
        self.leave()
        ticket, target = self.ticket, self.set_up.target(self.ticket.tier, self.ticket.severity)
        stint = begin(ticket, target, how, actor=self.actor, now=self.now, criterion=criterion, reason=reason)
        self.clocks = Clocks(self.ticket, stint)

    def leave(self) -> None:
        """End the present stay: what its clocks have passed is told, and they stop."""
        if self.clocks is not None:
            self.passed(self.clocks.record_passed(self.now))
            self.clocks.end(self.now)
            self.clocks = None

    def close(self) -> None:
        """Make it whole: its version, who has accepted it, what is due."""
        ticket = self.ticket
        if self.accepts and self.actor is not None and ticket.assignee_id == self.actor.pk:
            ticket.accepted_at = ticket.accepted_at or self.now
        ticket.version += 1
        ticket.updated_at = self.now
        if self.clocks is not None:
            self.clocks.refresh(self.now)

    @property
    def news(self) -> News:
        """What people are told of it."""
        stint = self.clocks.stint.pk if self.clocks is not None else None
        return News(self.ticket, tuple(self.entries), self.actor, self.now, had=self.had, stint=stint)

    @property
    def says(self) -> bool:
        """Whether it changes by which words the ticket is found."""
        return not SAID.isdisjoint(self._after)

    def audit_entry(self) -> AuditEntry:
        """What the audit log keeps of it."""
        verb = self.verb or f"ticket_{(self._told or self.entries[0]).kind}"
        after = self._after | {"version": self.ticket.version}
        return said(verb, self.ticket, self.actor, before=self._before or None, after=after)


def commit(changes: Sequence[Change]) -> None:
    """Write changes of different tickets. Many that are new cost as many statements as one of them.

    One that told nothing writes nothing. Whom it concerns is told here, so that no action forgets it.
    """
    changes = [change for change in changes if change.entries]
    for change in changes:
        change.close()
    _save(changes)
    for change, more in zip(changes, announce([change.news for change in changes]), strict=True):
        change.entries += more
        for entry in change.entries:
            entry.version = change.ticket.version
    Entry.objects.bulk_create([entry for change in changes for entry in change.entries])
    _keep_words(changes)
    record_all([change.audit_entry() for change in changes])


def _save(changes: Sequence[Change]) -> None:
    """Their tickets, and the stays that begin."""
    for change in changes:
        if not change.ticket._state.adding:
            change.ticket.save()
    Ticket.objects.bulk_create([change.ticket for change in changes if change.ticket._state.adding])
    stints = [change.clocks.stint for change in changes if change.clocks is not None]
    Stint.objects.bulk_create([stint for stint in stints if stint.pk is None])


def _keep_words(changes: Sequence[Change]) -> None:
    words.of_new([change.ticket for change in changes if change.ticket.version == 1])
    for change in changes:
        if change.ticket.version > 1 and change.says:
            words.of_ticket(change.ticket)
        for entry in change.entries:
            if entry.kind == Kind.COMMENT:
                words.of_comment(entry)


@contextmanager
def changing(
    number: int,
    *,
    actor: Person | None,
    seen: int | None = None,
    about: Sequence[str] = SEEN,
) -> Iterator[Change]:
    """Change the ticket `number` in one transaction; whatever is raised inside leaves it as it was.

    `seen` is the version that the actor had before their eyes: when one of the fields `about` has changed since,
    Conflict is raised, also when they did that themselves in another window. Raises Ticket.DoesNotExist.
    """
    with transaction.atomic():
        # Locked first and read after: whoever waits for a row that is joined to others is given the new row beside the
        # old others, that is, without the assignee that it has got meanwhile, or not at all when its tier is another.
        pk = Ticket.objects.select_for_update().values_list("pk", flat=True).get(number=number)
        ticket = Ticket.objects.select_related("tier__calendar", "assignee", "category").get(pk=pk)
        if seen is not None and (clashes := changed_since(ticket, seen, about)):
            raise Conflict(clashes, ticket.version)
        change = Change(ticket, actor, timezone.now())
        if ticket.paused_until is not None and ticket.paused_until <= change.now:
            change.go_on()
        yield change
        commit([change])


def changed_since(ticket: Ticket, version: int, fields: Sequence[str]) -> list[Clash]:
    """What has changed of `fields` since `version`, each field once, from then to now."""
    if version >= ticket.version:
        return []
    clashes: dict[str, Clash] = {}
    entries = ticket.entries.filter(version__gt=version, data__has_key="changed").select_related("actor")
    for entry in entries.order_by("version", "id"):
        for field, (before, now) in entry.data["changed"].items():
            if field in fields:
                first = clashes.get(field)
                by = str(entry.actor or ticket.source or "zbmaint")
                clashes[field] = Clash(field, first.before if first else before, now, by, entry.at)
    return [clash for clash in clashes.values() if clash.before != clash.now]  # what was put back is as they saw it


@contextmanager
def opening(
    tickets: Sequence[Ticket], *, actor: Person | None, now: dt.datetime, set_up: SetUp
) -> Iterator[list[Change]]:
    """The same for tickets that are being made, all at once: they enter their tiers, and are told in version 1.

    They get their numbers at once, and are saved at the end, as they are then.
    """
    with transaction.atomic():
        changes = []
        for ticket, number in zip(tickets, Ticket.objects.next_numbers(len(tickets)), strict=True):
            ticket.number, ticket.version = number, 0
            change = Change(ticket, actor, now, set_up)
            change.enter(Stint.How.OPENED)
            changes.append(change)
        yield changes
        commit(changes)


def as_fact(value: Any) -> Any:
    """A value as JSON keeps it: of a thing its name, of a tier its number."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Model):
        return value.pk if value._meta.model_name == "tier" else str(value)
    return value
