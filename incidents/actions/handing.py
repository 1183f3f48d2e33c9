"""Handing a ticket from tier to tier, and to a vendor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from incidents.actions.assignment import assign_by_rule
from incidents.actions.changing import Change, Kind, changing
from incidents.actions.pausing import stop
from incidents.actions.refusals import TicketRefused
from incidents.models import Stint, Ticket, Tier, VendorEscalation
from incidents.rules import handing, texts, ticket_states
from zbmaint.access.models import Person


def escalate(number: int, *, actor: Person, criterion: str, reason: str, seen: int | None = None) -> Ticket:
    """Hand a ticket up to the next tier, whose clock starts at its full target.

    `criterion` is one of the escalation criteria of the tier that it leaves. Whoever had it follows it from now on.
    Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen) as change:
        tier = change.ticket.tier
        if tier.is_last:
            raise TicketRefused("Behind tier 3 there are only vendors: escalate it to one.")
        _hand(change, tier.number + 1, Stint.How.ESCALATED, criterion, reason, known=tier.criteria)
    return change.ticket


def hand_back(number: int, *, actor: Person, criterion: str, reason: str, seen: int | None = None) -> Ticket:
    """Hand a ticket down to the tier before, whose clock starts at its full target.

    `criterion` is one of the responsibilities of the tier that gets it. Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen) as change:
        tier = change.ticket.tier
        if tier.number == 1:
            raise TicketRefused("Tier 1 is the first: there is nobody to hand it back to.")
        below = Tier.objects.existing(tier.number - 1)
        _hand(change, below.number, Stint.How.HANDED_BACK, criterion, reason, known=below.responsibilities)
    return change.ticket


@dataclass(frozen=True)
class Vendor:
    """Who outside works on a ticket: name, their reference (they may not have given one yet), whom to call."""

    name: str
    contact: str
    reference: str = ""


def to_vendor(
    number: int,
    vendor: Vendor,
    *,
    actor: Person,
    criterion: str,
    reason: str,
    pause_until: dt.datetime | None = None,
    seen: int | None = None,
) -> Ticket:
    """Escalate from the last tier: the ticket stays there, lead and manager are told, and its clocks run on.

    `pause_until` stops them, within the cap. Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen) as change:
        ticket = change.ticket
        if not ticket.tier.is_last:
            raise TicketRefused(f"Only tier 3 escalates to vendors, and this ticket is in tier {ticket.tier_id}.")
        _ask(ticket, criterion, reason, known=ticket.tier.criteria)
        _check(vendor)
        response = change.responds("escalated to a vendor")
        VendorEscalation.objects.create(
            ticket=ticket,
            criterion=criterion,
            reason=reason.strip(),
            vendor=vendor.name.strip(),
            reference=vendor.reference.strip(),
            contact=vendor.contact.strip(),
            at=change.now,
            by=actor,
        )
        at = f"{vendor.name.strip()}, reference {vendor.reference.strip() or 'not known yet'}"
        said = f"escalated it to {at}: {criterion}"
        facts = {"criterion": criterion, "reason": reason.strip(), "contact": vendor.contact.strip()}
        change.tell(Kind.VENDOR, f"{said}; {response}" if response else said, **facts)
        change.watch(actor)
        if pause_until is not None:
            stop(change, pause_until, f"Waiting for {vendor.name.strip()}")
    return change.ticket


def _check(vendor: Vendor) -> None:
    for field, value, longest, missing in (
        ("vendor", vendor.name, 120, "Say who: the vendor, or who decides."),
        ("contact", vendor.contact, 200, "Say whom to ask about it: a name, an address or a number."),
        ("reference", vendor.reference, 120, None),
    ):
        if problem := missing if missing and not value.strip() else texts.why_not_line(value, longest):
            raise TicketRefused(problem, field)


def seen_by(escalation: VendorEscalation, person: Person) -> None:
    """`person` has taken note of it."""
    escalation.seen_by.add(person)


def _hand(change: Change, to: int, how: Stint.How, criterion: str, reason: str, *, known: list[str]) -> None:
    ticket, start = change.ticket, change.ticket.tier
    _ask(ticket, criterion, reason, known=known)
    did, kind = ("escalated", Kind.ESCALATED) if how == Stint.How.ESCALATED else ("handed back", Kind.HANDED_BACK)
    response = change.responds(did)
    change.watch(change.actor)
    change.watch(ticket.assignee)
    change.leave()
    change.set("tier", Tier.objects.existing(to))
    change.set("assignee", None)
    ticket.accepted_at = None
    verb = "escalated it" if how == Stint.How.ESCALATED else "handed it back"
    said = f"{verb} from tier {start.number} to tier {to}: {criterion}"
    facts = {"criterion": criterion, "reason": reason.strip()}
    change.tell(kind, f"{said}; {response}" if response else said, **facts)
    change.enter(how, criterion=criterion, reason=reason.strip())
    assign_by_rule(change)


def _ask(ticket: Ticket, criterion: str, reason: str, *, known: list[str]) -> None:
    if why := ticket_states.why_not_edit(ticket.status):
        raise TicketRefused(why)
    if why := handing.why_not_criterion(criterion, known):
        raise TicketRefused(why, "criterion")
    if not reason.strip():
        raise TicketRefused("Say why: whoever gets it begins with this.", "reason")
    if why := texts.why_not_text(reason):
        raise TicketRefused(why, "reason")
