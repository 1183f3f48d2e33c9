"""The same done to many tickets."""

from __future__ import annotations

import pytest

from incidents.actions import assignment, bulk, editing, statuses
from incidents.actions.refusals import TicketRefused
from incidents.models import Ticket
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers() -> list[int]:
    return [make_ticket(key=key).number for key in "abcd"]


def test_what_cannot_be_done_is_told_and_stops_no_other(numbers: list[int], people: dict[str, Person]) -> None:
    one = people["tier1"]
    statuses.resolve(numbers[1], actor=one, code="fixed", note="x")
    outcome = bulk.each([*numbers, 999_999, numbers[0]], lambda number: assignment.claim(number, actor=one))
    assert outcome.done == [numbers[0], numbers[2], numbers[3]]
    assert outcome.refused.keys() == {numbers[1], 999_999}
    assert "resolved" in outcome.refused[numbers[1]]
    assert set(Ticket.objects.filter(assignee=one).values_list("number", flat=True)) == set(outcome.done)


def test_too_many_are_refused_before_any_is_done(numbers: list[int], people: dict[str, Person]) -> None:
    with pytest.raises(TicketRefused, match="501 tickets; at most 500"):
        bulk.each([numbers[0], *range(10_000, 10_500)], lambda number: assignment.claim(number, actor=people["tier1"]))
    assert not Ticket.objects.filter(assignee__isnull=False).exists()


def test_severity_and_tags_are_added_to_what_each_has(numbers: list[int], people: dict[str, Person]) -> None:
    one = people["tier1"]
    editing.add_tags(numbers[0], ["mail"], actor=one)
    outcome = bulk.each(numbers, lambda number: editing.add_tags(number, ["Mail", "night shift"], actor=one))
    assert outcome.refused == {}
    assert {tuple(tags) for tags in Ticket.objects.values_list("tags", flat=True)} == {("mail", "night-shift")}
    editing.set_severity(numbers[2], "high", actor=one)
    outcome = bulk.each(numbers, lambda number: editing.set_severity(number, "high", actor=one))
    assert outcome.refused == {numbers[2]: "It is high already."}
    assert not Ticket.objects.exclude(severity="high").exists()
