"""The counts of the queue add up to what there is, whatever changes it."""

from __future__ import annotations

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from incidents.actions import assignment, counting, handing, opening, statuses
from incidents.actions.intake import receive
from incidents.models import QueueCount, Status, Ticket
from tests.incidents.made import make_ticket, resolved
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
Counts = dict[tuple[int, int | None], int]


def counted() -> Counts:
    rows = QueueCount.objects.values_list("tier", "assignee").annotate(n=Sum("number")).order_by()
    return {(tier, assignee): n for tier, assignee, n in rows if n}


def true() -> Counts:
    rows = Ticket.objects.unfinished().values_list("tier", "assignee").annotate(n=Count("pk")).order_by()
    return {(tier, assignee): n for tier, assignee, n in rows}


def test_they_follow_a_ticket_through_its_life(people: dict[str, Person]) -> None:
    one, two = people["tier1"], people["tier2"]
    ticket = opening.open_ticket(opening.Draft("It fails", "somebody"), actor=one)
    number = ticket.number
    assert counted() == true() == {(1, None): 1}
    assignment.claim(number, actor=one)
    assert counted() == true() == {(1, one.pk): 1}
    handing.escalate(number, actor=one, criterion="System outages", reason="x")
    assignment.claim(number, actor=two)
    assert counted() == true() == {(2, two.pk): 1}
    statuses.resolve(number, actor=two, code="fixed", note="x")
    assert counted() == true() == {}
    statuses.reopen(number, actor=two, reason="x")
    assert counted() == true() == {(2, two.pk): 1}


def test_they_follow_alerts_statements_on_many_and_purges(people: dict[str, Person]) -> None:
    make_ticket(key="a")
    make_ticket(key="b")
    receive(resolved(key="b"))
    assert counted() == true() == {(1, None): 1}
    Ticket.objects.filter(key="a").update(assignee=people["tier1"])
    assert counted() == true() == {(1, people["tier1"].pk): 1}
    Ticket.objects.update(updated_at=timezone.now())
    Ticket.objects.filter(status=Status.OPEN).delete()
    assert counted() == true() == {}


def test_putting_them_together_changes_no_sum(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    for key in "abc":
        make_ticket(key=key)
    assignment.claim(Ticket.objects.get(key="b").number, actor=people["tier1"])
    before, rows = counted(), QueueCount.objects.count()
    assert counting.fold(timezone.now()) == rows
    assert QueueCount.objects.count() == rows  # too few to be worth it
    monkeypatch.setattr(counting, "ENOUGH", 1)
    counting.fold(timezone.now())
    assert counted() == before == true()
    assert QueueCount.objects.count() == len(before) + 1  # that of the changes
