"""Edits: merged field by field, and a severity that moves the clocks."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.actions import assignment, comments, editing, handing, passing, pausing, statuses
from incidents.actions.intake import receive
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Category, Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import alert, make_ticket, open_one, resolution_target
from tests.incidents.reading import after, again, events, everything, stint, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def edit(ticket: Ticket, actor: Person, seen: int | None = None, **values: Any) -> None:
    editing.edit(ticket.number, values, actor=actor, seen=seen or again(ticket).version)


class TestMerge:
    def test_it_writes_what_differs_and_tells_it(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        bug = Category.objects.get(key="bug")
        edit(ticket, team["ann"], title=" New ", description="", category=bug, tags=["Print", "a b"], severity="medium")
        entry = ticket.entries.get(kind="edited")
        assert entry.text.startswith("changed title, category and tags; Tier 1 response met")
        assert entry.data["changed"] == {
            "title": ["Nobody can print", "New"],
            "category": [None, str(bug)],
            "tags": [[], ["a-b", "print"]],
        }

    def test_nothing_that_differs_is_no_change(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        before = everything(ticket)
        edit(ticket, team["ann"], title="Nobody can print", severity="medium", tags=[])
        assert everything(ticket) == before

    def test_a_field_that_was_left_alone_stays_as_somebody_else_made_it(self, team: dict[str, Person]) -> None:
        ticket = open_one(description="old")
        edit(ticket, team["ann"], title="Ann's")
        edit(ticket, team["ada"], seen=1, title="Nobody can print", description="Ada's", severity="medium")
        ticket = again(ticket)
        assert (ticket.title, ticket.description, ticket.version) == ("Ann's", "Ada's", 3)

    def test_what_both_have_changed_is_a_conflict_with_both_values(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(description="old")
        edit(ticket, team["ann"], title="Ann's", severity="high")
        wall.on(minutes=1)
        edit(ticket, team["ann"], title="Ann's second")
        before = everything(ticket)
        with pytest.raises(Conflict) as conflict:
            edit(ticket, team["ada"], seen=1, title="Ada's", description="Ada's", severity="low")
        assert [(clash.field, clash.before, clash.now, clash.by) for clash in conflict.value.clashes] == [
            ("title", "Nobody can print", "Ann's second", "ann"),
            ("severity", "medium", "high", "ann"),
        ]
        assert conflict.value.clashes[0].at == after(minutes=1)
        assert conflict.value.version == 3
        assert everything(ticket) == before

    def test_the_same_value_from_both_is_none(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        edit(ticket, team["ann"], title="Both", tags=["mail"])
        edit(ticket, team["ada"], seen=1, title="Both", tags=["Mail"], description="Ada's")
        assert (again(ticket).title, again(ticket).description, again(ticket).version) == ("Both", "Ada's", 3)

    def test_what_was_put_back_is_none(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        edit(ticket, team["ann"], title="Ann's")
        edit(ticket, team["ann"], title="Nobody can print")
        edit(ticket, team["ada"], seen=1, title="Ada's")
        assert again(ticket).title == "Ada's"

    def test_a_source_may_be_the_other(self, team: dict[str, Person]) -> None:
        ticket = make_ticket()
        receive(alert(severity="critical"))
        with pytest.raises(Conflict) as conflict:
            edit(ticket, team["ann"], seen=1, severity="low")
        assert conflict.value.clashes[0].by == "test"

    def test_what_happens_besides_is_none(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ada"])
        comments.comment(ticket.number, "I look", actor=team["ada"])
        edit(ticket, team["ann"], seen=1, title="Ann's")
        assert again(ticket).title == "Ann's"


class TestRefused:
    @pytest.mark.parametrize(
        ("values", "field", "expected"),
        [
            ({"title": " "}, "title", "Enter a title"),
            ({"title": "x" * 10_000}, "title", "at most 300 characters"),
            ({"description": "x" * 1_000_000}, "description", "1,000,000 characters"),
            ({"severity": "urgent"}, "severity", "Choose a severity: critical, high, medium, low"),
            ({"tags": ["a,b"]}, "tags", "is no tag"),
            ({"tags": [f"tag{number}" for number in range(21)]}, "tags", "at most 20 tags, not 21"),
        ],
        ids=["empty title", "long title", "1 MB", "severity", "tag", "tags"],
    )
    def test_bad_input_is_refused_in_words_and_nothing_is_written(
        self, values: dict[str, Any], field: str, expected: str, team: dict[str, Person]
    ) -> None:
        ticket = open_one()
        before = everything(ticket)
        with pytest.raises(TicketRefused, match=expected) as refused:
            edit(ticket, team["ann"], **{"title": "Other"} | values)
        assert refused.value.field == field
        assert everything(ticket) == before

    def test_another_field_is_a_mistake_of_the_caller(self, team: dict[str, Person]) -> None:
        with pytest.raises(TypeError, match="status"):
            edit(open_one(), team["ann"], status="closed")

    def test_a_finished_ticket_takes_none_in_words_that_name_what_is_possible(self, team: dict[str, Person]) -> None:
        ticket = open_one()
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
        with pytest.raises(TicketRefused, match=r"is resolved and is not changed any more.*: close or reopen"):
            edit(ticket, team["ann"], title="Other")
        statuses.close(ticket.number, actor=team["ann"])
        before = everything(ticket)
        with pytest.raises(TicketRefused, match=r"is closed and is not changed any more.*: reopen"):
            edit(ticket, team["ann"], title="Other")
        assert everything(ticket) == before


class TestSeverity:
    def test_raised_it_is_counted_from_the_beginning_of_the_stay(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(minutes=10)
        edit(ticket, team["lee"], severity="critical")
        ticket = again(ticket)
        assert (ticket.due_at, ticket.at_risk_at) == (after(minutes=15), after(minutes=12))
        entry = ticket.entries.get(kind="severity")
        assert entry.text == "changed the severity from medium to critical"
        assert (entry.data["due_before"], entry.data["due_now"]) == (
            after(hours=4).isoformat(),
            after(minutes=15).isoformat(),
        )
        assert entry.data["changed"] == {"severity": ["medium", "critical"]}
        assert events(ticket) == [("response", 50, after(minutes=7.5))]

    def test_raised_too_late_it_is_missed_at_once(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=1)
        edit(ticket, team["lee"], severity="critical")
        assert again(ticket).due_at == after(minutes=15)
        assert stint(ticket).breached_at == after(minutes=15)
        assert told(ticket, "clock")[-1] == "first response target missed"
        assert again(ticket).next_clock_at is None
        version = again(ticket).version
        passing.record_passed(wall.on(minutes=1))
        assert again(ticket).version == version

    def test_lowered_what_was_told_is_history(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(severity="critical")
        passing.record_passed(wall.on(minutes=20))
        assert stint(ticket).breached_at == after(minutes=15)
        edit(ticket, team["lee"], severity="low")
        ticket = again(ticket)
        assert (ticket.due_at, ticket.next_clock_at) == (after(hours=24), after(hours=12))
        assert stint(ticket).breached_at is None
        assert events(ticket) == []
        assert [threshold for _, threshold, _ in events(ticket, void=True)] == [50, 80, 100]
        passing.record_passed(wall.on(hours=13))
        assert events(ticket) == [("response", 50, after(hours=12))]

    def test_lowered_what_stays_missed_stays_told(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(severity="critical")
        passing.record_passed(wall.on(hours=5))
        edit(ticket, team["lee"], severity="medium")
        assert again(ticket).due_at == after(hours=4)
        assert stint(ticket).breached_at == after(minutes=15)
        assert events(ticket, void=True) == []

    def test_in_a_later_stay_it_counts_from_that_one(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=2)
        handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
        wall.on(minutes=10)
        edit(ticket, team["lee"], severity="critical")
        assert again(ticket).due_at == after(hours=2.5)
        assert stint(ticket).breached_at is None

    def test_pauses_stay_left_out(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=2), reason="x")
        wall.on(hours=1)
        edit(ticket, team["lee"], severity="high")
        assert (again(ticket).due_at, again(ticket).paused_until) == (None, after(hours=2))
        pausing.resume_ended(wall.on(hours=2))
        assert again(ticket).due_at == after(hours=3)

    @pytest.mark.parametrize("severity", ["low", "high"])
    def test_a_response_by_lowering_it_is_judged_by_the_target_that_it_had(
        self, severity: str, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = open_one(severity="critical")
        wall.on(minutes=20)
        edit(ticket, team["ann"], severity=severity)
        stay = stint(ticket)
        assert (stay.responded_at, stay.breached_at) == (after(minutes=20), after(minutes=15))
        assert (stay.response_seconds, stay.response_due_at) == (15 * 60, after(minutes=15))
        assert ticket.entries.get(kind="severity").text.endswith("; Tier 1 response late, after 20 min")

    def test_a_response_by_raising_it_is_in_time(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=1)
        edit(ticket, team["ann"], severity="critical")
        assert (stint(ticket).breached_at, again(ticket).due_at) == (None, None)
        assert stint(ticket).response_seconds == 4 * 3600

    def test_the_target_to_the_resolution_follows(self, wall: Wall, team: dict[str, Person]) -> None:
        resolution_target(12 * 60, severity__in=("medium", "high"), tier_id=1)
        resolution_target(6 * 60, severity="high", tier_id=1)
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        wall.on(hours=5)
        edit(ticket, team["ann"], severity="high")
        assert again(ticket).due_at == after(hours=6)
        assert [(percent, at) for _, percent, at in events(ticket)] == [(50, after(hours=3)), (80, after(hours=4.8))]
        edit(ticket, team["ann"], severity="low")  # without one
        assert again(ticket).due_at is None
        assert events(ticket) == []
