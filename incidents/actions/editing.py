"""Changing what a ticket says: title, description, severity, category, tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from incidents.actions.changing import Change, Kind, as_fact, changed_since, changing
from incidents.actions.refusals import Clash, Conflict, TicketRefused
from incidents.actions.tags import remember
from incidents.models import Entry, Severity, Ticket
from incidents.rules import texts, ticket_states
from zbmaint.access.models import Person

FIELDS = ("title", "description", "severity", "category", "tags")


def edit(number: int, values: Mapping[str, Any], *, actor: Person, seen: int) -> Ticket:
    """Write what the actor has typed over what they saw in version `seen`.

    A field that somebody else has changed meanwhile and that the actor left alone stays as it is now; one that both
    have changed, to different values, raises Conflict with both. Raises TicketRefused; TypeError for another field.
    """
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"not to be edited: {', '.join(sorted(unknown))}")
    with changing(number, actor=actor) as change:
        ticket = change.ticket
        _open(change)
        wanted = _checked(values)
        clashes = {clash.field: clash for clash in changed_since(ticket, seen, FIELDS)}
        both = [clash for name, clash in clashes.items() if name in wanted and _differs(wanted[name], clash)]
        if both:
            raise Conflict(both, ticket.version)
        for name, clash in clashes.items():
            if name in wanted and as_fact(wanted[name]) == clash.before:
                del wanted[name]  # theirs is newer, and the actor left it alone
        _write(change, wanted)
    return change.ticket


def set_severity(number: int, severity: str, *, actor: Person) -> Ticket:
    """Give a ticket another severity, whatever it has. Raises TicketRefused."""
    if severity not in Severity.values:
        raise TicketRefused(f"A severity is one of {', '.join(Severity.values)}.", "severity")
    with changing(number, actor=actor) as change:
        _open(change)
        if change.ticket.severity == severity:
            raise TicketRefused(f"It is {severity} already.", "severity")
        _write(change, {"severity": severity})
    return change.ticket


def add_tags(number: int, tags: Iterable[str], *, actor: Person) -> Ticket:
    """Add tags to those that a ticket has. Raises TicketRefused."""
    with changing(number, actor=actor) as change:
        _open(change)
        wanted = remember([*change.ticket.tags, *tags])
        if wanted == change.ticket.tags:
            raise TicketRefused("It has this tag already.", "tags")
        _write(change, {"tags": wanted})
    return change.ticket


def _open(change: Change) -> None:
    if why := ticket_states.why_not_edit(change.ticket.status):
        raise TicketRefused(why)


def left_alone(ticket: Ticket, values: Mapping[str, Any], seen: int) -> set[str]:
    """The fields that somebody else has changed since version `seen`, and whose value here is still the one of then.

    They are theirs: whoever writes `values` again, over a later version, must not write these.
    """
    clashes = changed_since(ticket, seen, FIELDS)
    return {clash.field for clash in clashes if clash.field in values and as_fact(values[clash.field]) == clash.before}


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = dict(values)
    for field, problem in (
        ("title", texts.why_not_title(wanted["title"]) if "title" in wanted else None),
        ("description", texts.why_not_text(wanted.get("description", ""))),
    ):
        if problem:
            raise TicketRefused(problem, field)
    if "title" in wanted:
        wanted["title"] = wanted["title"].strip()
    if "severity" in wanted:
        if wanted["severity"] not in Severity.values:
            raise TicketRefused(f"Choose a severity: {', '.join(Severity.values)}.", "severity")
        wanted["severity"] = Severity(wanted["severity"])
    if "tags" in wanted:
        wanted["tags"] = remember(wanted["tags"])
    return wanted


def _differs(mine: Any, clash: Clash) -> bool:
    """Whether the actor has changed it too, and to something else."""
    return as_fact(mine) not in (clash.before, clash.now)


def _write(change: Change, wanted: dict[str, Any]) -> None:
    ticket = change.ticket
    severity = wanted.pop("severity", ticket.severity)
    changed = [name for name in FIELDS if name in wanted and change.set(name, wanted[name])]
    if not changed and severity == ticket.severity:
        return
    # Before the severity: a response is judged by the target that it had, and lowering it first would make it timely.
    response = change.responds("edited")
    entry = change.tell(Kind.EDITED, f"changed {_listed(changed)}") if changed else None
    if severity != ticket.severity:
        entry = raise_severity(change, severity)
    if entry is not None and response:
        entry.text += f"; {response}"


def raise_severity(change: Change, severity: str) -> Entry:
    """Give a ticket another severity, and its running clocks that one's targets, from their beginning on.

    What that makes missed is told at once, what it makes not missed any more is history. Returns what tells of it.
    """
    before, clocks = change.ticket.severity, change.clocks
    old_due = change.ticket.due_at
    if clocks is not None:
        change.passed(clocks.record_passed(change.now))
    change.set("severity", Severity(severity))
    due: dict[str, Any] = {}
    if clocks is not None:
        clocks.retarget()
        clocks.refresh(change.now)
        due = {"due_before": as_fact(old_due), "due_now": as_fact(change.ticket.due_at)}
    entry = change.tell(Kind.SEVERITY, f"changed the severity from {before} to {severity}", **due)
    if clocks is not None:
        change.passed(clocks.record_passed(change.now))
    return entry


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
