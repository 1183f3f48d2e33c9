"""The clocks over the life of a ticket: one for each stay in a tier, and the overall one that goes on."""

from __future__ import annotations

import datetime as dt

import pytest

from incidents.actions import assignment, comments, handing, passing, pausing, statuses
from incidents.actions.clocks import Clocks
from incidents.models import Calendar, Stint, Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import office_hours, open_one, resolution_target
from tests.incidents.reading import NINE, after, again, events, stint
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def up(ticket: Ticket, actor: Person) -> None:
    criterion = ticket.stints.latest("entered_at").tier.criteria[0]
    handing.escalate(ticket.number, actor=actor, criterion=criterion, reason="Beyond us")


def down(ticket: Ticket, actor: Person) -> None:
    handing.hand_back(ticket.number, actor=actor, criterion="Password resets", reason="Yours")


@pytest.mark.parametrize(
    ("tier", "severity", "minutes"),
    [
        *((1, severity, minutes) for severity, minutes in (("critical", 15), ("high", 60), ("low", 1440))),
        *((2, severity, minutes) for severity, minutes in (("critical", 30), ("medium", 480), ("low", 2880))),
        *((3, severity, minutes) for severity, minutes in (("critical", 60), ("high", 240), ("low", 4320))),
    ],
)
def test_it_begins_with_the_target_of_its_tier_and_severity(tier: int, severity: str, minutes: int, wall: Wall) -> None:
    ticket = again(open_one(tier=tier, severity=severity))
    assert (ticket.due_at, ticket.due_clock) == (after(minutes=minutes), "response")
    assert ticket.at_risk_at == after(minutes=minutes * 0.8)
    assert ticket.next_clock_at == after(minutes=minutes * 0.5)
    assert stint(ticket).response_due_at == ticket.due_at


class TestHandedOn:
    def test_the_tier_that_gets_it_has_its_full_target_and_every_stay_is_kept(
        self, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = open_one()
        wall.on(hours=3)
        up(ticket, team["ann"])
        assert again(ticket).due_at == after(hours=3 + 8)
        wall.on(hours=7)
        comments.comment(ticket.number, "A printer", actor=team["ben"])
        down(ticket, team["ben"])
        assert again(ticket).due_at == after(hours=10 + 4)
        wall.on(hours=1)
        up(ticket, team["ada"])
        up(ticket, team["bea"])
        stays = list(ticket.stints.values_list("tier", "how", "entered_at", "left_at", "responded_by__username"))
        assert stays == [
            (1, "opened", NINE, after(hours=3), "ann"),
            (2, "escalated", after(hours=3), after(hours=10), "ben"),
            (1, "handed_back", after(hours=10), after(hours=11), "ada"),
            (2, "escalated", after(hours=11), after(hours=11), "bea"),
            (3, "escalated", after(hours=11), None, None),
        ]
        assert again(ticket).due_at == after(hours=11 + 24)
        assert again(ticket).first_response_at == after(hours=3)

    def test_it_leaves_with_what_its_clock_has_passed(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=5)
        up(ticket, team["lee"])
        first = ticket.stints.earliest("entered_at")
        assert (first.breached_at, first.responded_at) == (after(hours=4), None)
        assert [threshold for _, threshold, _ in events(ticket)] == [50, 80, 100]
        assert again(ticket).next_clock_at == after(hours=5 + 4)

    def test_each_tier_has_its_own_hours(self, wall: Wall, team: dict[str, Person]) -> None:
        office_hours(2)
        ticket = open_one()
        wall.to(dt.datetime(2026, 6, 5, 14, tzinfo=dt.UTC))  # Friday, an hour before tier 2 goes
        up(ticket, team["ann"])
        assert again(ticket).due_at == dt.datetime(2026, 6, 8, 13, tzinfo=dt.UTC)

    def test_a_clock_that_runs_keeps_the_calendar_with_which_it_began(
        self, wall: Wall, team: dict[str, Person]
    ) -> None:
        office_hours(1)
        ticket = open_one(severity="low")
        due = again(ticket).due_at
        Calendar.objects.update(week=[[[0, 1440]]] * 7)
        comments.comment(ticket.number, "Hm", actor=team["lee"])
        assert again(ticket).due_at == due
        assert again(open_one(severity="low")).due_at == after(hours=24)


class TestOverall:
    """With a target to the resolution: twelve hours in the first two tiers."""

    @pytest.fixture(autouse=True)
    def _twelve_hours(self, db: None) -> None:
        resolution_target(12 * 60, severity="medium", tier_id__in=(1, 2))

    def test_what_is_missed_first_is_what_is_due(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assert (again(ticket).due_at, again(ticket).due_clock) == (after(hours=4), "response")
        assignment.claim(ticket.number, actor=team["ann"])
        ticket = again(ticket)
        assert (ticket.due_at, ticket.due_clock) == (after(hours=12), "resolution")
        assert (ticket.at_risk_at, ticket.next_clock_at) == (after(hours=9.6), after(hours=6))

    def test_it_goes_on_from_tier_to_tier(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=3)
        up(ticket, team["ann"])
        wall.on(hours=3)
        assignment.claim(ticket.number, actor=team["ben"])
        assert again(ticket).due_at == after(hours=12)
        clocks = Clocks(ticket, stint(ticket))
        assert clocks.resolution is not None
        assert clocks.resolution.used(wall.now) == dt.timedelta(hours=6)
        assert clocks.response.used(wall.now) == dt.timedelta(hours=3)

    def test_it_goes_on_over_pauses_and_a_reopen(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=2), reason="The vendor looks")
        wall.on(hours=4)  # two of them paused
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="Restarted")
        wall.on(days=2)
        statuses.reopen(ticket.number, actor=team["ann"], reason="Again")
        comments.comment(ticket.number, "I look", actor=team["ann"])
        assert again(ticket).due_at == after(days=2, hours=4 + 10)
        assert events(ticket) == []

    def test_what_it_passed_in_an_earlier_stay_is_not_told_again(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=7)
        up(ticket, team["ann"])
        wall.on(minutes=1)
        passing.record_passed(wall.now)
        wall.on(hours=6)
        up(ticket, team["ben"])
        wall.on(minutes=1)
        passing.record_passed(wall.now)
        overall = [(threshold, at) for clock, threshold, at in events(ticket) if clock == "resolution"]
        assert overall == [(50, after(hours=6)), (80, after(hours=9.6)), (100, after(hours=12))]

    def test_one_that_was_missed_stays_due_when_it_was(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one()
        wall.on(hours=15)
        up(ticket, team["ann"])
        assert (again(ticket).due_at, again(ticket).due_clock) == (after(hours=12), "resolution")
        statuses.resolve(ticket.number, actor=team["ben"], code="fixed", note="Restarted")
        wall.on(days=1)
        statuses.reopen(ticket.number, actor=team["ben"], reason="Again")
        assert again(ticket).due_at == after(hours=12)

    def test_a_tier_with_a_longer_target_passes_its_own(self, wall: Wall, team: dict[str, Person]) -> None:
        resolution_target(24 * 60, tier_id=2, severity="medium")
        ticket = open_one()
        wall.on(hours=10)
        up(ticket, team["ann"])
        wall.on(hours=3)
        passing.record_passed(wall.now)
        overall = [(threshold, at) for clock, threshold, at in events(ticket) if clock == "resolution"]
        assert overall == [(50, after(hours=6)), (80, after(hours=9.6)), (50, after(hours=12))]

    def test_business_hours_and_their_pauses_count_net(self, wall: Wall, team: dict[str, Person]) -> None:
        office_hours(1)  # 6 to 15 UTC
        ticket = open_one()
        assignment.claim(ticket.number, actor=team["ann"])
        assert again(ticket).due_at == after(days=1, hours=3)  # six hours today, six tomorrow from 6
        pausing.pause(ticket.number, actor=team["ann"], until=after(hours=20), reason="The vendor looks")
        wall.on(hours=21)
        pausing.resume_ended(wall.now)
        assert again(ticket).due_at == after(days=2, hours=0)


def test_without_targets_to_wait_for_nothing_is_due(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    assignment.claim(ticket.number, actor=team["ann"])
    ticket = again(ticket)
    assert (ticket.due_at, ticket.at_risk_at, ticket.next_clock_at, ticket.due_clock) == (None, None, None, "")


def test_there_is_one_stay_at_a_time(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    for _ in range(3):
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="Restarted")
        assert not Stint.objects.filter(ticket=ticket, left_at=None).exists()
        statuses.reopen(ticket.number, actor=team["ann"], reason="Again")
        assert Stint.objects.filter(ticket=ticket, left_at=None).count() == 1
    assert again(ticket).reopened == 3
