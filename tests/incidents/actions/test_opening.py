from __future__ import annotations

from typing import Any

import pytest

from incidents.actions.refusals import TicketRefused
from incidents.models import Category, Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import office_hours, on_call, open_one
from tests.incidents.reading import NINE, again, stint, told
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_it_is_medium_in_tier_1_and_told(wall: Wall, team: dict[str, Person]) -> None:
    ticket = again(open_one(actor=team["ann"], tags=("Mail", "mail", "two words")))
    assert (ticket.status, ticket.severity, ticket.tier_id, ticket.version) == ("open", "medium", 1, 1)
    assert (ticket.created_at, ticket.tags) == (NINE, ["mail", "two-words"])
    assert told(ticket) == ["opened it"]
    assert list(ticket.entries.values_list("version", flat=True)) == [1, 1]
    assert (stint(ticket).how, stint(ticket).entered_by) == ("opened", team["ann"])
    assert ticket.watchers.get().person == team["ann"]
    assert AuditEntry.objects.get(target_id=str(ticket.pk)).verb == "ticket_opened"


def test_it_begins_where_its_category_begins(wall: Wall) -> None:
    Category.objects.filter(key="database").update(first_tier=2)
    assert open_one(category=Category.objects.get(key="database")).tier_id == 2
    assert open_one(category=Category.objects.get(key="database"), tier=3).tier_id == 3


def test_it_goes_to_who_is_on_call_and_without_anybody_it_says_so(wall: Wall, team: dict[str, Person]) -> None:
    assert "nobody is on call for tier 1" in told(open_one(), "assigned")[0]
    on_call(1, team["ann"])
    ticket = open_one()
    assert again(ticket).assignee == team["ann"]
    assert told(ticket, "assigned") == ["assigned it to ann, who is on call for tier 1"]
    assert ticket.entries.get(kind="assigned").actor is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 10_000}, "title"),
        ({"description": "x" * 1_000_000}, "description"),
        ({"reporter": " "}, "reporter"),
        ({"reporter": "x" * 151}, "reporter"),
        ({"reporter": "\x00"}, "reporter"),
        ({"severity": "urgent"}, "severity"),
        ({"tags": ("a,b",)}, "tags"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_it_refuses_what_no_ticket_can_be_made_of(facts: dict[str, Any], field: str, wall: Wall) -> None:
    with pytest.raises(TicketRefused) as refused:
        open_one(**facts)
    assert refused.value.field == field
    assert not Ticket.objects.exists()


def test_outside_of_hours_its_clock_begins_with_them(wall: Wall) -> None:
    office_hours(1, "2026-06-02")  # 6 to 15 UTC
    wall.on(hours=7)
    due = again(open_one()).due_at
    assert due is not None
    assert due.isoformat() == "2026-06-03T10:00:00+00:00"
