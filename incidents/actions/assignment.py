"""Who has a ticket: by a rule, by claiming it, by being given it."""

from __future__ import annotations

from incidents.actions.changing import Change, Kind, changing
from incidents.actions.choosing import choose
from incidents.actions.refusals import TicketRefused
from incidents.models import Status, Ticket
from incidents.rules import assigning, ticket_states
from zbmaint.access.models import Person


def assign_by_rule(*changes: Change) -> None:
    """Give tickets that are nobody's to whom the rules name. They have not accepted them until they act."""
    set_up, now = changes[0].set_up, changes[0].now
    choices = choose([change.ticket for change in changes], now, set_up.rules)
    for change, choice in zip(changes, choices, strict=True):
        change.set("assignee", choice.person)
        change.ticket.accepted_at = None
        change.accepts = False  # also when it goes to whoever opens it or hands it on
        said = {
            "rule": f"assigned it to {choice.person} by the rule “{choice.rule}”",
            "on_call": f"assigned it to {choice.person}, who is on call for {str(change.ticket.tier).lower()}",
            "nobody": f"found nobody to assign it to: {choice.lacks}",
        }[choice.how]
        entry = change.tell(Kind.ASSIGNED, said, why=choice.facts())
        entry.actor = None


def claim(number: int, *, actor: Person, seen: int | None = None) -> Ticket:
    """Take a ticket that nobody has, or whose assignee has not accepted it; accept one's own; begin to work on it.

    Acknowledging, claiming and starting are this. Of two who claim at the same moment one gets it, the other is told
    who. Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen, about=("tier",)) as change:
        ticket = change.ticket
        mine = ticket.assignee_id == actor.pk
        why = assigning.why_not_claim(
            status=ticket.status,
            mine=mine,
            holder=str(ticket.assignee) if ticket.assignee and not mine else None,
            accepted=ticket.accepted_at is not None and (ticket.assignee is None or ticket.assignee.is_active),
            actor_tier=actor.tier,
            tier=ticket.tier_id,
        )
        if why:
            raise TicketRefused(why)
        change.set("assignee", actor)
        ticket.accepted_at = ticket.accepted_at if mine and ticket.accepted_at else change.now
        if ticket.status == Status.OPEN:
            change.set("status", Status.IN_PROGRESS)
        what = "acknowledged" if mine else "claimed"
        response = change.responds(what)
        change.tell(Kind.STATUS if mine else Kind.ASSIGNED, _with(f"{what} it", response))
        change.verb = f"ticket_{what}"
        change.watch(actor)
    return change.ticket


def assign(number: int, person: Person | None, *, actor: Person, seen: int | None = None) -> Ticket:
    """Give a ticket to `person`, who has not accepted it until they act; None takes it from whoever has it.

    Raises TicketRefused, Conflict.
    """
    with changing(number, actor=actor, seen=seen) as change:
        ticket = change.ticket
        why = ticket_states.why_not_edit(ticket.status) or assigning.why_not_assign(
            name=str(person) if person else "",
            active=person is None or person.is_active,
            may=person is None or person.has_perm("incidents.change_ticket"),
            person_tier=person.tier if person else None,
            tier=ticket.tier_id,
        )
        if why:
            raise TicketRefused(why, "assignee")
        if not change.set("assignee", person):
            raise TicketRefused(f"It is {person}’s already." if person else "It is nobody’s already.", "assignee")
        ticket.accepted_at = change.now if person == actor else None
        said = f"assigned it to {person}" if person and person != actor else "took it" if person else "unassigned it"
        change.tell(Kind.ASSIGNED, _with(said, change.responds("assigned")))
        change.watch(person)
    return change.ticket


def person_left(person: Person) -> int:
    """A person has left: their unfinished tickets are unaccepted at once, so that anybody of the tier may claim them.

    Part of the transaction that retires them. Returns how many tickets.
    """
    numbers = Ticket.objects.unfinished().filter(assignee=person).order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        with changing(number, actor=None) as change:
            if not change.ticket.is_unfinished or change.ticket.assignee_id != person.pk:
                continue  # somebody was faster
            change.ticket.accepted_at = None
            change.tell(
                Kind.ASSIGNED, f"found that {person} has left: anybody of the tier may claim it", left=str(person)
            )
            change.verb = "ticket_assignee_left"
    return len(numbers)


def _with(said: str, response: str) -> str:
    return f"{said}; {response}" if response else said
