"""What people have to do, as the rules about choosing need to know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from incidents.models import Ticket
from incidents.rules.choosing import Candidate
from zbmaint.access.models import Person, Role
from zbmaint.queue.marks import marks_of_others

MAY = Q(grants_everything=True) | Q(
    permissions__content_type__app_label="incidents", permissions__codename="change_ticket"
)


def may_work() -> Exists:
    """Whether the role of a person lets them work on tickets."""
    return Exists(Role.objects.filter(MAY, pk=OuterRef("role_id")))


def who_may_work() -> QuerySet[Person]:
    """Those who can sign in and may work on tickets."""
    return Person.objects.active().filter(may_work())


def candidates(ticket: Ticket, *, named: Collection[int], whole_tier: bool, counted: bool) -> dict[Person, Candidate]:
    """The people with the keys `named`, and when `whole_tier` everybody in the tier of `ticket`.

    With their loads when `counted`.
    """
    wanted = Q(pk__in=named)
    if whole_tier:
        wanted |= Q(tier=ticket.tier_id, retired_at__isnull=True)
    newest = Ticket.objects.filter(assignee=OuterRef("pk")).exclude(pk=ticket.pk).order_by("-created_at")
    people = list(
        Person.objects.filter(wanted)
        .select_related("responder")
        .annotate(may_work=may_work(), newest=Subquery(newest.values("created_at")[:1]))
    )
    loads = _loads(ticket, {person.pk for person in people}) if counted else {}
    cap = ticket.tier.open_cap
    return {person: _as_candidate(person, len(loads.get(person.pk, ())), cap) for person in people}


def _loads(ticket: Ticket, people: Collection[int]) -> dict[int, set[int]]:
    """The numbers of the unfinished tickets that each has, without `ticket` itself.

    With what transactions that still go on have given away (see `incidents.actions.choosing`): marks before rows.
    """
    given_away = marks_of_others()
    loads: dict[int, set[int]] = defaultdict(set)
    for key, number in given_away:
        if key in people:
            loads[key].add(number)
    theirs = Ticket.objects.unfinished().filter(assignee__in=people).exclude(pk=ticket.pk)
    for key, number in theirs.values_list("assignee_id", "number"):
        if key is not None:
            loads[key].add(number)
    return loads


def _as_candidate(person: Person, open_tickets: int, cap: int) -> Candidate:
    responder = getattr(person, "responder", None)
    own = responder.open_cap if responder else None
    return Candidate(
        name=str(person),
        tier=person.tier,
        active=person.is_active,
        may=person.may_work,  # type: ignore[attr-defined]  # annotated
        away_until=responder.away_until if responder else None,
        away_reason=responder.away_reason if responder else "",
        open_tickets=open_tickets,
        cap=cap if own is None else own,
        newest=person.newest,  # type: ignore[attr-defined]  # annotated
    )
