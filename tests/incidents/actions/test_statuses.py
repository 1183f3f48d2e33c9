"""Resolved, closed and reopened: how long it took, three ways, and what a reopen keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions import assignment, comments, handing, passing, pausing, statuses
from incidents.actions.intake import receive
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import alert, make_ticket, office_hours, on_call, open_one, resolved
from tests.incidents.reading import NINE, after, again, everything, stint, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
HOUR = 3600


def resolve(ticket: Ticket, actor: Person, **facts: Any) -> None:
    statuses.resolve(ticket.number, actor=actor, **{"code": "fixed", "note": "Restarted it"} | facts)


def reopen(ticket: Ticket, actor: Person, reason: str = "It is back") -> None:
    statuses.reopen(ticket.number, actor=actor, reason=reason)


def took(ticket: Ticket) -> tuple[float, float, float]:
    """Wall, business, and business without pauses, in hours."""
    ticket = again(ticket)
    seconds = (ticket.resolution_seconds, ticket.resolution_business_seconds, ticket.resolution_net_seconds)
    return tuple((value or 0) / HOUR for value in seconds)  # type: ignore[return-value]  # three


class TestResolve:
    def test_it_ends_with_what_it_was_and_what_helped(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=2)
        resolve(ticket, team["ann"], code="workaround", note=" Restarted it ")
        ticket = again(ticket)
        assert (ticket.status, ticket.resolved_at, ticket.resolution_code) == ("resolved", after(hours=2), "workaround")
        assert ticket.resolution_note == "Restarted it"
        assert (ticket.due_at, ticket.next_clock_at) == (None, None)
        assert stint(ticket).left_at == after(hours=2)
        entry = ticket.entries.get(kind="status")
        said = "resolved it after 2 h: workaround in place; Tier 1 response met in 2 h"
        assert (entry.text, entry.data["note"]) == (said, "Restarted it")

    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({"code": "done"}, "code"),
            ({"note": " "}, "note"),
            ({"note": "\x00"}, "note"),
            ({"note": "x" * 20_001}, "note"),
        ],
        ids=["code", "no note", "NUL", "long"],
    )
    def test_it_refuses_what_says_nothing(self, facts: dict[str, str], field: str, team: dict[str, Person]) -> None:
        ticket = open_one()
        before = everything(ticket)
        with pytest.raises(TicketRefused) as refused:
            resolve(ticket, team["ann"], **facts)
        assert refused.value.field == field
        assert everything(ticket) == before

    def test_twice_it_is_refused(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        resolve(ticket, team["ann"])
        with pytest.raises(TicketRefused, match=r"is resolved: .* What can be done: close or reopen"):
            resolve(ticket, team["ann"])


class TestTaken:
    def test_three_ways_over_tiers_pauses_and_nights(self, wall: Wall, team: dict[str, Person]) -> None:
        office_hours(1)  # 6 to 15 UTC
        ticket = open_one()
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=2), reason="x")
        pausing.resume_ended(wall.on(hours=20))
        handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
        wall.on(hours=10)
        resolve(ticket, team["ben"])
        assert took(ticket) == (30, 6 + 10, 4 + 10)

    def test_a_reopen_adds_to_it_and_the_time_between_does_not_count(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=2)
        resolve(ticket, team["ann"])
        wall.on(days=5)
        reopen(ticket, team["ann"])
        assert took(ticket) == (0, 0, 0)
        pausing.pause(ticket.number, actor=team["ann"], until=wall.now + dt.timedelta(hours=1), reason="x")
        wall.on(hours=3)
        resolve(ticket, team["ann"])
        assert took(ticket) == (5, 5, 4)
        assert told(ticket, "status")[-1].startswith("resolved it after 5 h")

    def test_one_that_was_paused_to_its_end_took_nothing_net(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=50), reason="x")
        wall.on(hours=50)
        resolve(ticket, team["ann"])
        assert took(ticket) == (50, 50, 0)


class TestReopen:
    def test_it_begins_again_in_its_tier_and_keeps_what_was(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=1)
        assignment.claim(ticket.number, actor=team["ann"])
        resolve(ticket, team["ann"])
        wall.on(days=2)
        reopen(ticket, team["ada"])
        ticket = again(ticket)
        assert (ticket.status, ticket.assignee, ticket.accepted_at) == ("open", team["ann"], None)
        assert (ticket.resolved_at, ticket.resolution_code, ticket.resolution_note) == (None, "", "")
        assert (ticket.first_response_at, ticket.reopened) == (after(hours=1), 1)
        assert (ticket.due_at, ticket.due_clock) == (after(days=2, hours=1 + 4), "response")
        stay = stint(ticket)
        assert (stay.how, stay.reason, stay.entered_at, stay.responded_at) == ("reopened", "It is back", wall.now, None)
        assert told(ticket, "status")[-1] == "reopened it: It is back"
        comments.comment(ticket.number, "I look", actor=team["ann"])
        assert again(ticket).first_response_at == after(hours=1)
        assert stint(ticket).responded_at == wall.now

    def test_of_a_closed_one_too(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        resolve(ticket, team["ann"])
        statuses.close(ticket.number, actor=team["ann"])
        reopen(ticket, team["ann"])
        assert (again(ticket).status, again(ticket).closed_at) == ("open", None)

    def test_by_its_assignee_it_is_theirs(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        resolve(ticket, team["ann"])
        wall.on(hours=1)
        reopen(ticket, team["ann"])
        assert (again(ticket).status, again(ticket).accepted_at) == ("open", wall.now)
        assignment.claim(ticket.number, actor=team["ann"])
        assert again(ticket).status == "in_progress"

    def test_one_that_is_nobodys_is_given_to_somebody(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = make_ticket()
        receive(resolved())
        on_call(1, team["ada"])
        reopen(ticket, team["ann"])
        assert (again(ticket).assignee, again(ticket).accepted_at) == (team["ada"], None)

    def test_one_of_who_has_left_is_nobodys_first(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        resolve(ticket, team["ann"])
        Person.objects.filter(pk=team["ann"].pk).update(retired_at=timezone.now())
        reopen(ticket, team["ada"])
        assert again(ticket).assignee is None

    def test_it_asks_for_a_reason(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        resolve(ticket, team["ann"])
        before = everything(ticket)
        for reason in (" ", "\x00", "x" * 20_001):
            with pytest.raises(TicketRefused) as refused:
                reopen(ticket, team["ann"], reason)
            assert refused.value.field == "reason"
        assert everything(ticket) == before

    def test_it_refuses_while_another_is_open_for_the_same_alert(self, team: dict[str, Person]) -> None:
        ticket = make_ticket()
        resolve(ticket, team["ann"])
        second = receive(alert())
        before = everything(ticket)
        with pytest.raises(TicketRefused, match=f"{second} is open for the same alert: work on that one."):
            reopen(ticket, team["ann"])
        assert everything(ticket) == before
        assert second is not None
        resolve(second, team["ann"])
        reopen(ticket, team["ann"])
        assert receive(alert()) == ticket

    def test_tickets_without_a_key_meet_no_other(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        resolve(ticket, team["ann"])
        open_one()
        reopen(ticket, team["ann"])
        assert again(ticket).status == "open"

    def test_one_that_is_not_finished_is_refused(self, team: dict[str, Person]) -> None:
        with pytest.raises(TicketRefused, match=r"is open: .* What can be done: start or resolve"):
            reopen(open_one(), team["ann"])


class TestClose:
    def test_by_itself_after_its_days(self, wall: Wall, team: dict[str, Person]) -> None:
        old, young, unfinished = open_one(), open_one(), open_one()
        resolve(old, team["ann"])
        wall.on(minutes=1)
        resolve(young, team["ann"])
        assert statuses.close_old(wall.to(after(days=7) - dt.timedelta(seconds=1))) == 0
        assert statuses.close_old(wall.to(after(days=7))) == 1
        assert [again(ticket).status for ticket in (old, young, unfinished)] == ["closed", "resolved", "open"]
        assert again(old).closed_at == after(days=7)
        entry = old.entries.latest("id")
        assert (entry.text, entry.actor) == ("closed it: resolved for 7 days", None)
        assert statuses.close_old(wall.now) == 0

    def test_the_days_are_a_setting(self, wall: Wall, team: dict[str, Person], settings: Any) -> None:
        settings.TICKET_CLOSE_DAYS = 1
        ticket = open_one()
        resolve(ticket, team["ann"])
        assert statuses.close_old(wall.on(days=1)) == 1
        assert told(ticket, "status")[-1] == "closed it: resolved for 1 day"

    def test_one_that_was_reopened_and_resolved_meanwhile_waits_again(
        self, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = open_one()
        resolve(ticket, team["ann"])
        wall.on(days=8)
        reopen(ticket, team["ann"])
        resolve(ticket, team["ann"])
        with pytest.raises(TicketRefused, match="not been resolved for long enough"):
            statuses.close(ticket.number, actor=None)

    def test_by_a_person_at_once(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        with pytest.raises(TicketRefused, match="What can be done: start or resolve"):
            statuses.close(ticket.number, actor=team["ann"])
        resolve(ticket, team["ann"])
        statuses.close(ticket.number, actor=team["ann"])
        assert (again(ticket).status, again(ticket).closed_at) == ("closed", NINE)
        assert again(ticket).resolved_at == NINE


STALE: dict[str, Callable[[Ticket, Person], object]] = {
    "resolve": lambda ticket, actor: statuses.resolve(ticket.number, actor=actor, code="fixed", note="x", seen=1),
    "assign": lambda ticket, actor: assignment.assign(ticket.number, None, actor=actor, seen=1),
    "escalate": lambda ticket, actor: handing.escalate(
        ticket.number, actor=actor, criterion="System outages", reason="x", seen=1
    ),
}


@pytest.mark.parametrize("what", STALE)
def test_a_click_on_what_was_seen_before_somebody_acted_is_a_conflict(
    what: str, wall: Wall, team: dict[str, Person]
) -> None:
    ticket = open_one()
    comments.comment(ticket.number, "I look", actor=team["ann"])  # changes nothing that a click has seen
    assignment.claim(ticket.number, actor=team["ann"], seen=1)
    before = everything(ticket)
    with pytest.raises(Conflict) as conflict:
        STALE[what](ticket, team["ada"])
    assert {(clash.field, clash.before, clash.now, clash.by) for clash in conflict.value.clashes} == {
        ("status", "open", "in_progress", "ann"),
        ("assignee", None, "ann", "ann"),
    }
    assert everything(ticket) == before


def test_a_clock_that_passes_is_no_reason_for_a_conflict(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    passing.record_passed(wall.on(hours=5))
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x", seen=1)
    assert again(ticket).status == "resolved"
