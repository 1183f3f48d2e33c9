"""People who act on the same ticket at the same moment, and alerts that come meanwhile."""

from __future__ import annotations

import datetime as dt
from threading import Barrier

import pytest
from django.db.models import F
from django.utils import timezone

from incidents.actions import assignment, editing, statuses
from incidents.actions.intake import receive
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Stint, Ticket
from tests.incidents.actions.storm import Storm, together
from tests.incidents.made import alert, make_team, make_ticket, open_one
from tests.incidents.reading import again, told
from zbmaint.access.models import Person, Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]


def crowd(size: int) -> list[Person]:
    """That many people: half of them of tier 1, some of tier 2 and 3, some of none."""
    tiers = (1, 1, 2, 1, None, 3)
    role = Role.objects.get(key="lead")
    return [Person.objects.create(username=f"p{n}", role=role, tier=tiers[n % len(tiers)]) for n in range(size)]


def older_tickets(count: int) -> list[Ticket]:
    """Tickets whose targets are passed while they are worked on."""
    tickets = [open_one() for _ in range(count)]
    Stint.objects.update(entered_at=timezone.now() - dt.timedelta(hours=5))
    Ticket.objects.update(next_clock_at=F("created_at"))
    return tickets


def test_of_eight_who_claim_a_ticket_at_once_one_has_it_and_the_others_are_told_who() -> None:
    people = [person for person in crowd(24) if person.tier in (1, None)][:8]
    ticket, barrier = open_one(), Barrier(8)
    won: list[str] = []
    told_who: list[str] = []

    def claim(person: Person) -> None:
        barrier.wait(30)
        try:
            assignment.claim(ticket.number, actor=person, seen=1)
            won.append(str(person))
        except TicketRefused as refused:
            told_who.append(str(refused))

    assert together([lambda person=person: claim(person) for person in people]) == []  # type: ignore[misc]
    assert won == [str(again(ticket).assignee)]
    assert told_who == [f"{won[0]} has it already."] * 7
    assert again(ticket).version == 2


def test_of_eight_who_change_the_same_field_at_once_one_does_and_the_others_see_both_values() -> None:
    people, ticket, barrier = crowd(8), open_one(), Barrier(8)
    clashes: list[tuple[object, object, str]] = []

    def edit(person: Person) -> None:
        barrier.wait(30)
        try:
            editing.edit(ticket.number, {"title": f"By {person}"}, actor=person, seen=1)
        except Conflict as conflict:
            clashes.extend((clash.before, clash.now, clash.by) for clash in conflict.clashes)

    assert together([lambda person=person: edit(person) for person in people]) == []  # type: ignore[misc]
    winner = again(ticket).title
    assert clashes == [("Nobody can print", winner, winner.removeprefix("By "))] * 7


def test_a_ticket_is_not_reopened_beside_the_one_that_its_alert_opens() -> None:
    ann = make_team()["ann"]
    for turn in range(10):
        ticket, barrier = make_ticket(key=f"disk:{turn}"), Barrier(2)
        statuses.resolve(ticket.number, actor=ann, code="fixed", note="x")
        refused: list[str] = []

        def reopen(ticket: Ticket = ticket, barrier: Barrier = barrier, refused: list[str] = refused) -> None:
            barrier.wait(30)
            try:
                statuses.reopen(ticket.number, actor=ann, reason="x")
            except TicketRefused as why:
                refused.append(str(why))

        def bring(barrier: Barrier = barrier, turn: int = turn) -> None:
            barrier.wait(30)
            receive(alert(key=f"disk:{turn}"))

        assert together([reopen, bring]) == []
        unfinished = Ticket.objects.unfinished().get(key=f"disk:{turn}")
        assert bool(refused) is (unfinished != ticket)
        assert refused or told(ticket, "repeated")


def test_a_storm_loses_nothing() -> None:
    storm = Storm(older_tickets(6), crowd(12))
    assert storm.blow(acts=20) == []
    storm.check()
    assert {"claim", "comment", "edit", "hand", "resolve"} <= {receipt.what for receipt in storm.receipts}
    assert storm.refused["Conflict"]


@pytest.mark.long
def test_fifty_writers_on_twenty_tickets_for_half_a_minute_lose_nothing() -> None:
    storm = Storm(older_tickets(20), crowd(50), seed=2)
    assert storm.blow(seconds=30) == []
    storm.check()
    print(storm.summary())  # noqa: T201  # what `make test-long` reports
