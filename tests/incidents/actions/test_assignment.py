"""Who has a ticket: claimed, given, accepted, left behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from incidents.actions import assignment, comments, editing, handing, pausing, statuses
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import on_call, open_one
from tests.incidents.reading import after, again, everything, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


class TestClaim:
    def test_it_is_theirs_accepted_and_begun(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(minutes=3)
        assignment.claim(ticket.number, actor=team["ann"])
        ticket = again(ticket)
        assert (ticket.status, ticket.assignee, ticket.accepted_at) == ("in_progress", team["ann"], after(minutes=3))
        assert told(ticket)[-1] == "claimed it; Tier 1 response met in 3 min"
        assert ticket.watchers.filter(person=team["ann"]).exists()

    def test_one_that_a_rule_gave_is_acknowledged(self, wall: Wall, team: dict[str, Person]) -> None:
        on_call(1, team["ann"])
        ticket = open_one()
        wall.on(minutes=3)
        assignment.claim(ticket.number, actor=team["ann"])
        assert again(ticket).accepted_at == after(minutes=3)
        assert told(ticket, "status") == ["acknowledged it; Tier 1 response met in 3 min"]

    def test_one_that_its_assignee_has_not_accepted_may_be_taken(self, wall: Wall, team: dict[str, Person]) -> None:
        on_call(1, team["ann"])
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ada"])
        assert again(ticket).assignee == team["ada"]
        with pytest.raises(TicketRefused, match="ada has it already"):
            assignment.claim(ticket.number, actor=team["ann"])

    def test_only_its_own_tier_or_who_is_of_none(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        before = everything(ticket)
        with pytest.raises(TicketRefused, match="in tier 1, and you are in tier 2"):
            assignment.claim(ticket.number, actor=team["ben"])
        assert everything(ticket) == before
        assignment.claim(ticket.number, actor=team["lee"])
        assert again(ticket).assignee == team["lee"]

    def test_after_it_went_to_another_tier_it_is_a_conflict(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
        with pytest.raises(Conflict) as conflict:
            assignment.claim(ticket.number, actor=team["ada"], seen=1)
        assert [(clash.field, clash.before, clash.now) for clash in conflict.value.clashes] == [("tier", 1, 2)]

    def test_of_one_who_has_left_it_may_be_taken(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        Person.objects.filter(pk=team["ann"].pk).update(retired_at=timezone.now())
        assignment.claim(ticket.number, actor=team["ada"])
        assert again(ticket).assignee == team["ada"]

    def test_what_is_finished_is_refused(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
        with pytest.raises(TicketRefused, match="What can be done: close or reopen"):
            assignment.claim(ticket.number, actor=team["ann"])


ACTS: dict[str, Callable[[Ticket, Person], object]] = {
    "comment": lambda ticket, actor: comments.comment(ticket.number, "I look", actor=actor),
    "edit": lambda ticket, actor: editing.edit(ticket.number, {"title": "New"}, actor=actor, seen=1),
    "severity": lambda ticket, actor: editing.edit(ticket.number, {"severity": "low"}, actor=actor, seen=1),
    "pause": lambda ticket, actor: pausing.pause(ticket.number, actor=actor, until=after(hours=3), reason="x"),
    "claim": lambda ticket, actor: assignment.claim(ticket.number, actor=actor),
    "resolve": lambda ticket, actor: statuses.resolve(ticket.number, actor=actor, code="fixed", note="x"),
}


@pytest.mark.parametrize("what", ACTS)
def test_any_act_of_its_assignee_accepts_it(what: str, wall: Wall, team: dict[str, Person]) -> None:
    on_call(1, team["ann"])
    ticket = open_one()
    wall.on(minutes=1)
    if what not in ("claim",):
        ACTS["comment"](ticket, team["ada"])
        assert again(ticket).accepted_at is None
    wall.on(minutes=1)
    ACTS[what](ticket, team["ann"])
    assert again(ticket).accepted_at == after(minutes=2)
    wall.on(minutes=1)
    comments.comment(ticket.number, "More", actor=team["ann"])
    assert again(ticket).accepted_at == after(minutes=2)


class TestAssign:
    def test_who_is_given_it_has_not_accepted_it(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        assignment.assign(ticket.number, team["ada"], actor=team["ann"])
        ticket = again(ticket)
        assert (ticket.assignee, ticket.accepted_at, ticket.status) == (team["ada"], None, "in_progress")
        assert told(ticket)[-1] == "assigned it to ada"

    def test_who_takes_it_has(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.assign(ticket.number, team["ann"], actor=team["ann"])
        assert again(ticket).accepted_at == wall.now
        assert told(ticket)[-1].startswith("took it; Tier 1 response met")

    def test_nobody_is_somebody_to_give_it_to(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        assignment.assign(ticket.number, None, actor=team["lee"])
        assert (again(ticket).assignee, again(ticket).accepted_at) == (None, None)

    @pytest.mark.parametrize(
        ("whom", "expected"),
        [
            ("ben", "ben is in tier 2, and this ticket is in tier 1"),
            ("viewer", "viewer may not work on tickets"),
            ("gone", "gone has left"),
            ("ann", "It is ann’s already"),
        ],
    )
    def test_it_refuses_who_cannot_have_it(
        self, whom: str, expected: str, wall: Wall, team: dict[str, Person], people: dict[str, Person]
    ) -> None:
        role = team["ann"].role
        gone = Person.objects.create(username="gone", role=role, tier=1, retired_at=timezone.now())
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        before = everything(ticket)
        with pytest.raises(TicketRefused, match=expected) as refused:
            assignment.assign(ticket.number, (team | people | {"gone": gone})[whom], actor=team["lee"])
        assert refused.value.field == "assignee"
        assert everything(ticket) == before


class TestLeft:
    def test_their_unfinished_tickets_are_unaccepted_and_told(self, wall: Wall, team: dict[str, Person]) -> None:
        mine, done, other = open_one(), open_one(), open_one()
        for ticket in (mine, done):
            assignment.claim(ticket.number, actor=team["ann"])
        assignment.claim(other.number, actor=team["ada"])
        statuses.resolve(done.number, actor=team["ann"], code="fixed", note="x")
        untouched = [everything(ticket) for ticket in (done, other)]
        assert assignment.person_left(team["ann"]) == 1
        assert (again(mine).assignee, again(mine).accepted_at) == (team["ann"], None)
        assert told(mine, "assigned")[-1] == "found that ann has left: anybody of the tier may claim it"
        assert [everything(ticket) for ticket in (done, other)] == untouched
        assignment.claim(mine.number, actor=team["ada"])
        assert again(mine).assignee == team["ada"]
