"""The response of a tier: the first thing that one of its people does, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from incidents.actions import assignment, comments, editing, handing, pausing, statuses
from incidents.actions.intake import receive
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import alert, on_call, open_one
from tests.incidents.reading import after, again, events, stint, told
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
Act = Callable[[Ticket, Person], object]

ACTS: dict[str, Act] = {
    "claimed": lambda ticket, actor: assignment.claim(ticket.number, actor=actor),
    "commented": lambda ticket, actor: comments.comment(ticket.number, "I look", actor=actor),
    "edited": lambda ticket, actor: editing.edit(ticket.number, {"title": "New"}, actor=actor, seen=1),
    "assigned": lambda ticket, actor: assignment.assign(ticket.number, Person.objects.get(username="ada"), actor=actor),
    "escalated": lambda ticket, actor: handing.escalate(
        ticket.number, actor=actor, criterion="System outages", reason="Too much"
    ),
    "resolved": lambda ticket, actor: statuses.resolve(ticket.number, actor=actor, code="fixed", note="Restarted"),
}
OTHERS = [name for name in ACTS if name != "claimed"]  # another tier may do these, and cannot claim


@pytest.mark.parametrize("what", ACTS)
def test_it_is_the_first_thing_that_one_of_its_people_does(what: str, wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(minutes=20)
    ACTS[what](ticket, team["ann"])
    first = ticket.stints.get(how="opened")
    assert (first.responded_at, first.responded_by, first.response) == (after(minutes=20), team["ann"], what)
    assert again(ticket).first_response_at == after(minutes=20)
    assert first.breached_at is None
    entry = ticket.entries.filter(actor=team["ann"], version=2).order_by("id")[0]
    assert "Tier 1 response met in 20 min" in entry.text + str(entry.data)


@pytest.mark.parametrize("what", OTHERS)
def test_what_another_tier_does_is_none(what: str, wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(minutes=20)
    ACTS[what](ticket, team["ben"])
    assert ticket.stints.get(how="opened").responded_at is None
    assert again(ticket).first_response_at is None


def test_a_second_act_changes_nothing_of_it(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(minutes=5)
    comments.comment(ticket.number, "I look", actor=team["ann"])
    wall.on(minutes=5)
    assignment.claim(ticket.number, actor=team["ada"])
    assert (stint(ticket).responded_at, stint(ticket).responded_by) == (after(minutes=5), team["ann"])
    assert again(ticket).due_at is None


def test_being_given_a_ticket_by_itself_is_none(wall: Wall, team: dict[str, Person]) -> None:
    on_call(1, team["ann"])
    ticket = again(open_one())
    assert (ticket.assignee, ticket.accepted_at, ticket.first_response_at) == (team["ann"], None, None)
    assert ticket.due_at == after(hours=4)


def test_whoever_opens_it_has_not_responded_even_when_a_rule_gives_it_to_them(
    wall: Wall, team: dict[str, Person]
) -> None:
    on_call(1, team["ann"])
    ticket = again(open_one(actor=team["ann"]))
    assert (ticket.assignee, ticket.accepted_at, ticket.first_response_at) == (team["ann"], None, None)


def test_a_pause_and_its_end_are_none(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    pausing.pause(ticket.number, actor=team["ann"], until=after(hours=2), reason="The vendor looks")
    wall.on(hours=1)
    pausing.resume(ticket.number, actor=team["ann"])
    assert stint(ticket).responded_at is None
    assert again(ticket).due_at == after(hours=5)


def test_an_alert_that_comes_again_is_none(wall: Wall) -> None:
    ticket = receive(alert())
    assert ticket is not None
    receive(alert(severity="critical"))
    assert stint(ticket).responded_at is None


def test_a_lead_of_no_tier_answers_for_it_once_it_is_theirs(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    comments.comment(ticket.number, "Who looks at it?", actor=team["lee"])
    assert stint(ticket).responded_at is None
    assignment.claim(ticket.number, actor=team["lee"])
    assert stint(ticket).responded_by == team["lee"]


def test_a_late_one_says_so_and_the_miss_has_its_moment(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one(severity="critical")
    wall.on(minutes=40)
    comments.comment(ticket.number, "I look", actor=team["ann"])
    assert stint(ticket).breached_at == after(minutes=15)
    assert ticket.entries.get(kind="comment").data["response"] == "Tier 1 response late, after 40 min"
    assert events(ticket) == [
        ("response", 50, after(minutes=7.5)),
        ("response", 80, after(minutes=12)),
        ("response", 100, after(minutes=15)),
    ]
    assert told(ticket, "clock")[-1] == "first response target missed"


def test_one_at_the_very_moment_is_late(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one(severity="critical")
    wall.on(minutes=15)
    assignment.claim(ticket.number, actor=team["ann"])
    assert stint(ticket).breached_at == after(minutes=15)


def test_while_it_is_paused_a_response_counts_and_the_pause_goes_on(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(hours=1)
    pausing.pause(ticket.number, actor=team["ann"], until=after(hours=9), reason="The vendor looks")
    wall.on(hours=7)
    comments.comment(ticket.number, "The vendor has written", actor=team["ann"])
    assert ticket.entries.get(kind="comment").data["response"] == "Tier 1 response met in 60 min"
    assert stint(ticket).breached_at is None
    assert again(ticket).paused_until == after(hours=9)
    assert (again(ticket).due_at, again(ticket).next_clock_at) == (None, None)


def test_the_audit_log_names_what_was_done_and_not_the_clock(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one(severity="critical")
    wall.on(minutes=40)
    handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="Too much")
    assert verbs(ticket) == ["ticket_opened", "ticket_escalated"]


def verbs(ticket: Ticket) -> list[str]:
    entries = AuditEntry.objects.filter(target_kind="ticket", target_id=str(ticket.pk)).order_by("id")
    return list(entries.values_list("verb", flat=True))
