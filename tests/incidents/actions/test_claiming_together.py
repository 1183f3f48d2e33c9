"""Who waits for a ticket that somebody else changes meanwhile sees all of it as it became."""

from __future__ import annotations

import pytest

from incidents.actions import assignment, comments, handing
from incidents.actions.refusals import TicketRefused
from incidents.models import Ticket
from tests.incidents.desk import somebody, ticket
from tests.overlapping import after


@pytest.fixture
def opened(installed: None) -> Ticket:
    return ticket()


def test_of_two_who_claim_at_the_same_moment_the_second_is_told_who_has_it(opened: Ticket) -> None:
    one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
    (got,) = after(
        lambda: assignment.claim(opened.number, actor=one), lambda: assignment.claim(opened.number, actor=other)
    )
    assert isinstance(got, TicketRefused)
    assert str(got) == "a.moyo has it already."
    assert Ticket.objects.get(pk=opened.pk).assignee == one


def test_a_ticket_that_changes_its_tier_meanwhile_is_still_found(opened: Ticket) -> None:
    lead, one = somebody("a.lead", None), somebody("a.moyo", 1)

    def escalate() -> Ticket:
        return handing.escalate(opened.number, actor=lead, criterion="System outages", reason="It is down.")

    (got,) = after(escalate, lambda: comments.comment(opened.number, "Seen at ten.", actor=one))
    assert not isinstance(got, Exception), got
    assert Ticket.objects.get(pk=opened.pk).tier_id == 2
