"""The life of a ticket through its actions."""

from __future__ import annotations

import pytest

from incidents.actions import assignment, comments, editing, handing, opening, statuses
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Ticket
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def test_every_change_is_one_version_with_its_entries(people: dict[str, Person]) -> None:
    one = people["tier1"]
    ticket = opening.open_ticket(opening.Draft("It fails", "somebody", tags=("Mail", "x y")), actor=one)
    assignment.claim(ticket.number, actor=one)
    ticket.refresh_from_db()
    with pytest.raises(TicketRefused):
        assignment.claim(ticket.number, actor=people["tier2"])
    handing.escalate(ticket.number, actor=one, criterion="System outages", reason="x")
    t = Ticket.objects.get(number=ticket.number)
    editing.edit(t.number, {"severity": "critical"}, actor=people["tier2"], seen=t.version)
    with pytest.raises(Conflict):
        editing.edit(t.number, {"severity": "low"}, actor=people["tier2"], seen=t.version)
    comments.comment(t.number, "hi", actor=people["tier2"])
    statuses.resolve(t.number, actor=people["tier2"], code="fixed", note="done")
    statuses.reopen(t.number, actor=people["tier2"], reason="again")
    assert list(t.entries.values_list("version", flat=True)) == [1, 1, 2, 3, 3, 4, 5, 6, 7]
