"""The search box in the top bar: a number leads to its ticket, words to the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.actions.statuses import resolve
from incidents.models import Ticket
from tests.incidents.queueing import queued
from tests.incidents.views.reading import words
from tests.incidents.views.test_queue import listed
from zbmaint.access.models import Person, Role

SignIn = Callable[[str], Client]
BOX = re.compile(r"<search.*?</search>", re.DOTALL)


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


def resolved(title: str = "It is broken") -> Ticket:
    """A ticket that somebody has resolved."""
    lead = Person.objects.get(username="lead")
    return resolve(queued(title, assignee=lead).number, actor=lead, code="fixed", note="It was restarted.")


def look_for(client: Client, text: str) -> Any:
    """The answer to what the box sends."""
    return client.get("/queue/all/?" + urlencode({"jump": "1", "status": "any", "q": text}))


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


@pytest.mark.parametrize("form", ["INC-{}", "inc-{}", "#{}", "{}", "  {} ", "inc-000{}"])
def test_a_number_leads_to_its_ticket(viewer: Client, form: str) -> None:
    ticket = queued("Mail is late")
    answer = look_for(viewer, form.format(ticket.number))
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.number}/")


def test_a_resolved_one_is_found_too(viewer: Client) -> None:
    ticket = resolved("Mail is late")
    assert look_for(viewer, str(ticket))["Location"] == f"/tickets/{ticket.number}/"


@pytest.mark.parametrize("text", ["INC-999999", "#999999", "999999", "9" * 18, "9" * 40])
def test_a_number_that_no_ticket_has_is_said_in_the_list(viewer: Client, text: str) -> None:
    queued("Mail is late")
    html = read(look_for(viewer, text))
    assert "<h1>All tickets</h1>" in html
    assert "Nothing matches these filters" in html
    assert listed(html) == []


def test_figures_that_are_no_number_of_a_ticket_are_a_word(viewer: Client) -> None:
    ticket = queued("Error 50077 at sign-in")
    assert listed(read(look_for(viewer, "50077"))) == [ticket.number]


def test_words_find_tickets_in_any_status_under_the_same_heading(viewer: Client) -> None:
    queued("Printer is empty")
    ended, unfinished = resolved("Mail is late"), queued("Late mail again")
    html = read(look_for(viewer, "late mai"))
    assert "<h1>All tickets</h1>" in html
    assert sorted(listed(html)) == [ended.number, unfinished.number]
    assert 'id="filter-q" value="late mai"' in html
    # No link of the list leads to a jump.
    assert "jump=1" not in html


def test_nothing_shows_every_ticket(viewer: Client) -> None:
    tickets = [queued(), resolved()]
    assert sorted(listed(read(look_for(viewer, "  ")))) == [ticket.number for ticket in tickets]


@pytest.mark.parametrize(
    ("text", "said"),
    [("a" * 10_000, "has 10,000 characters; at most 200"), ("12\x00", "a character that no ticket can hold")],
)
def test_what_cannot_be_looked_for_is_said(viewer: Client, text: str, said: str) -> None:
    assert said in words(read(look_for(viewer, text), 422))


@pytest.mark.parametrize("path", ["/queue/1/?jump=1&q={}", "/queue/?jump=1&q={}", "/queue/all/?jump=2&q={}"])
def test_only_the_box_jumps(viewer: Client, path: str) -> None:
    answer = viewer.get(path.format(queued().number))
    assert "There is no filter “jump”" in read(answer, 422)


def test_a_number_in_the_filters_of_a_queue_is_a_filter(viewer: Client) -> None:
    ticket = queued()
    assert listed(read(viewer.get(f"/queue/all/?q={ticket}"))) == [ticket.number]


@pytest.mark.parametrize("path", ["/", "/runs/", "/queue/", "/profile/"])
def test_every_page_has_the_box(viewer: Client, path: str) -> None:
    (box,) = BOX.findall(read(viewer.get(path)))
    assert 'action="/queue/all/"' in box
    assert 'aria-label="Search tickets and runs"' in box
    assert 'aria-keyshortcuts="/"' in box
    assert "<kbd" in box


def test_who_has_switched_single_keys_off_is_shown_no_key(viewer: Client, people: dict[str, Person]) -> None:
    Person.objects.filter(username="viewer").update(single_keys=False)
    (box,) = BOX.findall(read(viewer.get("/")))
    assert "<kbd" not in box


def test_who_may_not_see_tickets_has_no_box_and_is_led_to_none(viewer: Client) -> None:
    ticket = queued()
    Role.objects.get(key="viewer").permissions.remove(Permission.objects.get(codename="view_ticket"))
    assert BOX.findall(read(viewer.get("/"))) == []
    for text in (str(ticket), "INC-999999"):
        assert look_for(viewer, text).status_code == 403


def test_a_jump_looks_at_the_ticket_only(viewer: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ticket = queued()
    look_for(viewer, "mail")
    with django_assert_num_queries(3):  # session, person, ticket
        look_for(viewer, str(ticket))
