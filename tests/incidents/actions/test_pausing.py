"""Pauses: capped, ended by themselves at their moment, and nothing passes meanwhile."""

from __future__ import annotations

import pytest

from incidents.actions import assignment, comments, handing, passing, pausing, statuses
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import office_hours, open_one
from tests.incidents.reading import NINE, after, again, events, everything, stint, told
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def paused(team: dict[str, Person], hours: float = 2) -> Ticket:
    """A ticket that Ann has paused."""
    ticket = open_one()
    pausing.pause(ticket.number, actor=team["ann"], until=after(hours=hours), reason="The vendor looks")
    return again(ticket)


def test_nothing_is_due_while_it_lasts_and_its_place_is_last(wall: Wall, team: dict[str, Person]) -> None:
    ticket, running = paused(team), open_one(severity="low")
    assert (ticket.paused_until, ticket.due_at, ticket.next_clock_at) == (after(hours=2), None, None)
    assert stint(ticket).response_due_at is None
    assert list(Ticket.objects.in_queue_order()) == [running, ticket]
    assert told(ticket, "paused") == ["paused it until 1 Jun 2026, 11:00 UTC: The vendor looks"]


@pytest.mark.parametrize(("severity", "hours"), [("critical", 4), ("high", 24), ("medium", 72), ("low", 168)])
def test_it_refuses_more_than_the_cap_in_words_that_name_it(
    severity: str, hours: int, wall: Wall, team: dict[str, Person]
) -> None:
    ticket = open_one(severity=severity)
    before = everything(ticket)
    with pytest.raises(TicketRefused, match=f"A {severity} ticket may be paused for {hours} h in one stay") as refused:
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=hours, minutes=1), reason="x")
    assert refused.value.field == "until"
    assert everything(ticket) == before
    pausing.pause(ticket.number, actor=team["ann"], until=after(hours=hours), reason="x")


def test_earlier_pauses_of_the_stay_count_and_those_of_other_stays_do_not(wall: Wall, team: dict[str, Person]) -> None:
    ticket = paused(team, hours=70)
    wall.on(hours=70)
    with pytest.raises(TicketRefused, match=r"this one has been for 70 h\. It can be paused for 2 h at most\."):
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=73), reason="x")
    handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
    pausing.pause(ticket.number, actor=team["ben"], until=after(hours=70 + 72), reason="x")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [(" ", "Say what it waits for."), ("x" * 301, "This has 301 characters, 300 are kept."), ("a\x00b", "NUL")],
)
def test_it_refuses_a_reason_that_is_none(reason: str, expected: str, wall: Wall, team: dict[str, Person]) -> None:
    with pytest.raises(TicketRefused, match=expected):
        pausing.pause(open_one().number, actor=team["ann"], until=after(hours=1), reason=reason)


def test_it_refuses_a_second_one_and_one_of_what_is_finished(wall: Wall, team: dict[str, Person]) -> None:
    ticket = paused(team)
    with pytest.raises(TicketRefused, match="It is paused already, until 1 Jun 2026, 11:00 UTC"):
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=3), reason="x")
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
    with pytest.raises(TicketRefused, match="resolved"):
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=3), reason="x")


class TestEnd:
    def test_it_goes_on_by_itself_at_the_moment_that_was_said_however_late_the_ticker_is(
        self, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = paused(team)
        wall.on(hours=1, minutes=59)
        assert pausing.resume_ended(wall.now) == 0
        wall.on(hours=5)
        assert [pausing.resume_ended(wall.now) for _ in range(2)] == [1, 0]
        ticket = again(ticket)
        assert (ticket.paused_until, ticket.due_at) == (None, after(hours=6))
        assert ticket.pauses.get().ended_at == after(hours=2)
        entry = ticket.entries.get(kind="resumed")
        assert (entry.text, entry.actor) == ("went on after a pause of 2 h", None)

    def test_what_passed_since_is_recorded_with_its_moments(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = paused(team)
        wall.on(hours=9)
        pausing.resume_ended(wall.now)
        passing.record_passed(wall.now)
        assert stint(ticket).breached_at == after(hours=6)
        assert [at for _, _, at in events(ticket)] == [after(hours=4), after(hours=5.2), after(hours=6)]

    def test_a_person_lets_it_go_on_before(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = paused(team)
        wall.on(hours=1)
        pausing.resume(ticket.number, actor=team["ada"])
        assert (again(ticket).paused_until, again(ticket).due_at) == (None, after(hours=5))
        entry = ticket.entries.get(kind="resumed")
        assert (entry.text, entry.actor) == ("let it go on after a pause of 60 min", team["ada"])
        assert AuditEntry.objects.latest("id").verb == "ticket_resumed"
        with pytest.raises(TicketRefused, match="It is not paused: its clock runs"):
            pausing.resume(ticket.number, actor=team["ada"])

    def test_a_person_who_is_later_than_its_end_finds_it_going_on(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = paused(team)
        wall.on(hours=3)
        pausing.resume(ticket.number, actor=team["ada"])
        assert (ticket.pauses.get().ended_at, again(ticket).due_at) == (after(hours=2), after(hours=6))

    def test_whoever_does_something_later_than_its_end_finds_it_going_on(
        self, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = paused(team)
        wall.on(hours=7)
        comments.comment(ticket.number, "I look", actor=team["ann"])
        ticket = again(ticket)
        assert (ticket.paused_until, ticket.version) == (None, 3)
        assert stint(ticket).breached_at == after(hours=6)
        assert ticket.entries.get(kind="comment").data["response"] == "Tier 1 response late, after 5 h"
        kinds = ["resumed", "clock", "clock", "clock", "comment"]
        assert [entry.kind for entry in ticket.entries.filter(version=3).order_by("id")] == kinds

    def test_a_new_pause_may_follow_one_whose_end_has_come(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = paused(team)
        wall.on(hours=3)
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=4), reason="Again")
        assert list(ticket.pauses.values_list("begun_at", "ended_at")) == [
            (NINE, after(hours=2)),
            (after(hours=3), None),
        ]

    @pytest.mark.parametrize(("hours", "ended"), [(1, 1), (5, 2)], ids=["before its end", "after its end"])
    @pytest.mark.parametrize("how", ["escalate", "resolve"])
    def test_handing_on_and_resolving_end_it(
        self, how: str, hours: int, ended: int, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = paused(team)
        wall.on(hours=hours)
        if how == "escalate":
            handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
        else:
            statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
        assert again(ticket).paused_until is None
        assert ticket.pauses.get().ended_at == after(hours=ended)
        assert pausing.resume_ended(wall.on(days=1)) == 0
        if how == "resolve":
            assert again(ticket).resolution_net_seconds == (hours - ended) * 3600


def test_one_that_cannot_be_counted_keeps_no_other_from_going_on(wall: Wall, team: dict[str, Person]) -> None:
    broken, other = paused(team, hours=1), paused(team)
    broken.stints.update(calendar={"zone": "Atlantis/Capital", "week": [[[0, 1440]]] * 7, "holidays": []})
    assert pausing.resume_ended(wall.on(hours=3)) == 1
    assert (again(broken).paused_until, again(other).paused_until) == (after(hours=1), None)


def test_nothing_passes_while_it_lasts(wall: Wall, team: dict[str, Person]) -> None:
    ticket = paused(team, hours=72)
    for _ in range(10):
        passing.record_passed(wall.on(hours=7))
    assert events(ticket) == []
    assert told(ticket, "clock") == []


def test_what_had_passed_before_is_recorded_before(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(hours=2)  # the ticker has not come by
    pausing.pause(ticket.number, actor=team["ann"], until=after(hours=9), reason="x")
    assert events(ticket) == [("response", 50, after(hours=2))]
    wall.on(hours=1)
    comments.comment(ticket.number, "Still", actor=team["lee"])
    assert events(ticket) == [("response", 50, after(hours=2))]


def test_it_moves_what_is_due_only_by_the_hours_that_would_have_been_worked(
    wall: Wall, team: dict[str, Person]
) -> None:
    office_hours(1)  # 6 to 15 UTC
    friday = wall.on(days=4, hours=5)
    ticket = open_one()
    assert again(ticket).due_at == after(days=7)
    pausing.pause(ticket.number, actor=team["ann"], until=after(days=6, hours=22), reason="Over the weekend")
    wall.on(days=4)
    pausing.resume_ended(wall.now)
    assert again(ticket).due_at == after(days=7, hours=2)  # of 65 hours two would have been worked
    assert ticket.pauses.get().begun_at == friday


def test_a_stale_click_meets_a_conflict(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    assignment.claim(ticket.number, actor=team["ada"])
    before = everything(ticket)
    with pytest.raises(Conflict):
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=1), reason="x", seen=1)
    assert everything(ticket) == before
