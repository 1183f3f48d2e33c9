"""From tier to tier, and to a vendor."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.actions import assignment, handing, statuses
from incidents.actions.handing import Vendor
from incidents.actions.refusals import TicketRefused
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import on_call, open_one
from tests.incidents.reading import after, again, everything, stint, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
VENDOR = Vendor("Cisco", "support@cisco.example", "SR-1")
NEEDED = "Vendor escalation needed"


def escalate(ticket: Ticket, actor: Person, **facts: Any) -> None:
    handing.escalate(ticket.number, actor=actor, **{"criterion": "System outages", "reason": "All down"} | facts)


def to_vendor(ticket: Ticket, actor: Person, vendor: Vendor = VENDOR, **facts: Any) -> None:
    handing.to_vendor(ticket.number, vendor, actor=actor, **{"criterion": NEEDED, "reason": "Firmware"} | facts)


def test_up_it_leaves_with_its_reason_and_whoever_had_it_follows_it(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one(actor=team["lee"])
    assignment.claim(ticket.number, actor=team["ann"])
    on_call(2, team["bea"])
    escalate(ticket, team["ada"])
    ticket = again(ticket)
    assert (ticket.tier_id, ticket.status) == (2, "in_progress")
    assert (ticket.assignee, ticket.accepted_at) == (team["bea"], None)
    assert (stint(ticket).criterion, stint(ticket).reason, stint(ticket).entered_by) == (
        "System outages",
        "All down",
        team["ada"],
    )
    entry = ticket.entries.get(kind="escalated")
    assert entry.text == "escalated it from tier 1 to tier 2: System outages"
    assert entry.data["changed"] == {"tier": [1, 2], "assignee": ["ann", None]}
    assert set(ticket.watchers.values_list("person__username", flat=True)) == {"lee", "ann", "ada"}
    assert list(ticket.entries.filter(version=3).values_list("kind", flat=True)) == ["escalated", "assigned"]


def test_who_hands_it_on_and_is_on_call_there_has_not_accepted_it(wall: Wall, team: dict[str, Person]) -> None:
    on_call(2, team["lee"])
    ticket = open_one()
    assignment.claim(ticket.number, actor=team["lee"])
    escalate(ticket, team["lee"])
    assert again(ticket).assignee == team["lee"]
    assert again(ticket).accepted_at is None


def test_down_it_asks_for_what_is_the_work_of_the_tier_that_gets_it(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one(tier=2)
    before = everything(ticket)
    with pytest.raises(TicketRefused, match="Choose one of: Initial incident triage; "):
        handing.hand_back(ticket.number, actor=team["ben"], criterion="System outages", reason="x")
    assert everything(ticket) == before
    handing.hand_back(ticket.number, actor=team["ben"], criterion="Password resets", reason="A password")
    assert again(ticket).tier_id == 1
    assert told(ticket, "handed_back")[0].startswith("handed it back from tier 2 to tier 1: Password resets; Tier 2")


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"criterion": "I go home"}, "criterion"), ({"reason": " "}, "reason"), ({"reason": "\x00"}, "reason")],
)
def test_it_refuses_without_a_criterion_and_a_reason(
    facts: dict[str, str], field: str, wall: Wall, team: dict[str, Person]
) -> None:
    ticket = open_one()
    before = everything(ticket)
    with pytest.raises(TicketRefused) as refused:
        escalate(ticket, team["ann"], **facts)
    assert refused.value.field == field
    assert everything(ticket) == before


def test_there_is_no_tier_before_the_first_and_none_behind_the_last(wall: Wall, team: dict[str, Person]) -> None:
    with pytest.raises(TicketRefused, match="Tier 1 is the first"):
        handing.hand_back(open_one().number, actor=team["ann"], criterion="Password resets", reason="x")
    with pytest.raises(TicketRefused, match="only vendors"):
        escalate(open_one(tier=3), team["cem"], criterion=NEEDED)


def test_what_is_finished_is_not_handed_on(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
    with pytest.raises(TicketRefused, match="What can be done: close or reopen"):
        escalate(ticket, team["ann"])


class TestVendor:
    def test_it_stays_in_its_tier_and_its_clocks_run(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(tier=3)
        wall.on(hours=1)
        to_vendor(ticket, team["lee"])
        ticket = again(ticket)
        assert (ticket.tier_id, ticket.due_at, ticket.paused_until) == (3, after(hours=24), None)
        record = ticket.vendor_escalations.get()
        assert (record.vendor, record.contact, record.reference) == ("Cisco", "support@cisco.example", "SR-1")
        assert (record.criterion, record.reason, record.by, record.at) == (NEEDED, "Firmware", team["lee"], wall.now)
        assert told(ticket, "vendor") == [f"escalated it to Cisco, reference SR-1: {NEEDED}"]
        assert ticket.stints.count() == 1

    def test_it_is_a_response_of_the_tier(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(tier=3)
        to_vendor(ticket, team["cem"])
        assert stint(ticket).response == "escalated to a vendor"

    def test_asked_for_it_pauses_and_within_the_cap(self, wall: Wall, team: dict[str, Person]) -> None:
        ticket = open_one(tier=3)
        before = everything(ticket)
        with pytest.raises(TicketRefused, match="may be paused for 72 h"):
            to_vendor(ticket, team["cem"], pause_until=after(hours=73))
        assert everything(ticket) == before
        to_vendor(ticket, team["cem"], pause_until=after(hours=72))
        assert again(ticket).paused_until == after(hours=72)
        assert ticket.pauses.get().reason == "Waiting for Cisco"

    @pytest.mark.parametrize(
        ("vendor", "field"),
        [
            (Vendor(" ", "a"), "vendor"),
            (Vendor("x" * 121, "a"), "vendor"),
            (Vendor("Cisco", " "), "contact"),
            (Vendor("Cisco", "x" * 201), "contact"),
            (Vendor("Cisco", "a", "x" * 121), "reference"),
            (Vendor("Cisco", "a", "\x00"), "reference"),
        ],
        ids=["nobody", "long name", "no contact", "long contact", "long reference", "NUL"],
    )
    def test_it_refuses_a_vendor_that_cannot_be_kept(
        self, vendor: Vendor, field: str, wall: Wall, team: dict[str, Person]
    ) -> None:
        ticket = open_one(tier=3)
        before = everything(ticket)
        with pytest.raises(TicketRefused) as refused:
            to_vendor(ticket, team["cem"], vendor)
        assert refused.value.field == field
        assert everything(ticket) == before

    def test_only_the_last_tier_does(self, wall: Wall, team: dict[str, Person]) -> None:
        with pytest.raises(TicketRefused, match="Only tier 3 escalates to vendors, and this ticket is in tier 2"):
            to_vendor(open_one(tier=2), team["ben"])
