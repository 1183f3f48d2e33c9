"""Tickets are found by what they say and by what was said about them."""

from __future__ import annotations

import pytest

from incidents.actions import comments, editing, opening, words
from incidents.models import Ticket, TicketWords
from incidents.models.ticket_words import matching
from incidents.rules.searching import read
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def found(text: str) -> list[int]:
    return list(Ticket.objects.filter(matching(read(text))).order_by("number").values_list("number", flat=True))


@pytest.fixture
def ticket(people: dict[str, Person]) -> Ticket:
    draft = opening.Draft(
        "Sign-in page returns 502",
        "somebody",
        description="`api.example.org` answers **slowly**, see public.posts_old",
        tags=("gateway",),
    )
    return opening.open_ticket(draft, actor=people["tier1"])


@pytest.mark.parametrize(
    "text",
    ["sign", "SIGN-IN", "502 sign", "retur", "example", "api.example.org", "slowly", "posts", "gate", "page returns"],
)
def test_all_words_and_the_beginning_of_the_last_find_it(ticket: Ticket, text: str) -> None:
    make_ticket()
    assert found(text) == [ticket.number]


@pytest.mark.parametrize("text", ["igin", "sign missing", "retur 502", "' OR 1=1", "sign:*b"])
def test_others_do_not(ticket: Ticket, text: str) -> None:
    assert found(text) == []


def test_its_number_finds_it_however_it_is_written(ticket: Ticket) -> None:
    for text in (f"INC-{ticket.number}", f"#{ticket.number}", str(ticket.number)):
        assert ticket.number in found(text)


def test_a_comment_finds_it(ticket: Ticket, people: dict[str, Person]) -> None:
    comments.comment(ticket.number, "The load balancer lost its certificate", actor=people["tier1"])
    assert found("balancer cert") == [ticket.number]


def test_it_is_found_by_what_it_says_now(ticket: Ticket, people: dict[str, Person]) -> None:
    editing.edit(ticket.number, {"title": "Checkout is down"}, actor=people["tier1"], seen=1)
    assert found("checkout") == [ticket.number]
    assert found("page returns") == []


def test_the_ticket_of_an_alert_is_found_too() -> None:
    alert = make_ticket(title="Disk of ops-1 is full")
    assert found("ops full") == [alert.number]


def test_what_came_without_its_words_gets_the_same(ticket: Ticket, people: dict[str, Person]) -> None:
    comments.comment(ticket.number, "The *load balancer* lost its certificate", actor=people["tier1"])
    kept = list(TicketWords.objects.order_by("vector").values_list("ticket", "entry", "vector"))
    TicketWords.objects.all().delete()
    assert words.of_all() == 2
    assert list(TicketWords.objects.order_by("vector").values_list("ticket", "entry", "vector")) == kept
    assert words.of_all() == 0
