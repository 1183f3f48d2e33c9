"""What people have to do, as the rules about choosing need to know it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from incidents.models import Ticket
from incidents.rules.choosing import Candidate
from zbmaint.access.models import Person, may
from zbmaint.queue.marks import marks_of_others

MAY_WORK = "incidents.change_ticket"


def may_work() -> Exists:
    """Whether the role of a person lets them work on tickets."""
    return may(MAY_WORK)


def who_may_work() -> QuerySet[Person]:
    """Those who can sign in and may work on tickets."""
    return Person.objects.active().filter(may_work())


class Team:
    """The people with the keys `named` and everybody in `tiers`, among whom `tickets` are given away one by one.

    Read once, with their loads when `counted`; what is given away is counted in.
    """

    def __init__(
        self, tickets: Sequence[Ticket], *, named: Collection[int], tiers: Collection[int], counted: bool
    ) -> None:
        self._stored = [ticket.pk for ticket in tickets if not ticket._state.adding]
        self._people = self._read(named, tiers) if named or tiers else {}
        self._loads = self._counted() if counted else defaultdict(set)

    def candidates(self, ticket: Ticket, *, named: Collection[int], whole_tier: bool) -> dict[Person, Candidate]:
        """Those of them with the keys `named`, and when `whole_tier` everybody in the tier of `ticket`."""
        return {
            person: _as_candidate(person, len(self._loads[key]), ticket.tier.open_cap)
            for key, person in self._people.items()
            if key in named or (whole_tier and person.tier == ticket.tier_id and person.retired_at is None)
        }

    def give(self, ticket: Ticket, person: Person) -> None:
        """Count a ticket that `person` gets."""
        self._loads[person.pk].add(ticket.number)
        newest: dt.datetime | None = person.newest  # type: ignore[attr-defined]  # annotated
        person.newest = max(newest or ticket.created_at, ticket.created_at)  # type: ignore[attr-defined]

    def _read(self, named: Collection[int], tiers: Collection[int]) -> dict[int, Person]:
        wanted = Q(pk__in=named) | Q(tier__in=tiers, retired_at__isnull=True)
        theirs = Ticket.objects.filter(assignee=OuterRef("pk")).exclude(pk__in=self._stored).order_by("-created_at")
        people = (
            Person.objects.filter(wanted)
            .select_related("responder")
            .annotate(may_work=may_work(), newest=Subquery(theirs.values("created_at")[:1]))
        )
        return {person.pk: person for person in people}

    def _counted(self) -> defaultdict[int, set[int]]:
        """The numbers of the unfinished tickets that each has, without those that are given away now.

        With what transactions that still go on have given away (see `incidents.actions.choosing`): marks before rows.
        """
        given_away = marks_of_others()
        loads: defaultdict[int, set[int]] = defaultdict(set)
        for key, number in given_away:
            if key in self._people:
                loads[key].add(number)
        theirs = Ticket.objects.unfinished().filter(assignee__in=self._people).exclude(pk__in=self._stored)
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
