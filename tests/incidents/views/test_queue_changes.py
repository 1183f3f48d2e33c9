"""What a page of the queue is told of, while it is open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.actions.assignment import claim
from incidents.actions.handing import escalate
from incidents.actions.statuses import resolve
from incidents.models import Ticket, Tier
from incidents.views import queue_changes, queue_list
from tests.incidents.queueing import queued
from tests.incidents.views.test_queue import HTMX, page, tabs
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
STATE = re.compile(r'name="state" value="([^"]*)"')


class Browser:
    """A browser that has a page of the queue open, asks what differs, and takes in what it gets."""

    def __init__(self, client: Client, path: str = "1/") -> None:
        self.client = client
        html = page(client, path)
        self.state = self._state(html)
        address = re.search(r'hx-get="(/queue/\w+/changes/\?[^"]*)"', html)
        assert address is not None
        self.address = address[1].replace("&amp;", "&")

    def _state(self, html: str) -> str:
        found = STATE.search(html)
        assert found is not None
        return found[1]

    def ask(self) -> str:
        """The answer; empty when nothing differs."""
        answer = self.client.get(f"{self.address}&state={quote(self.state)}", headers=HTMX)
        if answer.status_code == 204:
            return ""
        assert answer.status_code == 200
        html = " ".join(answer.content.decode().split())
        self.state = self._state(html)
        return html


def pill(html: str) -> str:
    """What the pill says; empty without one."""
    found = re.search(r'id="queue-pill"[^>]*><svg.*?</svg>([^<]*)</button>', html)
    return found[1] if found else ""


def swapped(html: str) -> list[int]:
    """The numbers of the rows that are sent."""
    return [int(number) for number in re.findall(r'<template><tr id="ticket-(\d+)" role="row"[^>]* hx-swap-oob', html)]


@pytest.fixture
def client(client_as: SignIn) -> Client:
    return client_as("tier1")


def test_nothing_is_sent_while_nothing_differs(client: Client) -> None:
    queued()
    browser = Browser(client)
    assert browser.ask() == ""
    assert Browser(client, "2/").ask() == ""


def test_a_row_that_reads_differently_is_swapped_in_its_place(client: Client, people: dict[str, Person]) -> None:
    ticket, _ = queued(), queued()
    browser = Browser(client, "1/")
    Ticket.objects.filter(pk=ticket.pk).update(title="Worse than thought", version=7)
    html = browser.ask()
    assert swapped(html) == [ticket.number]
    assert "Worse than thought" in html
    assert pill(html) == ""
    assert browser.ask() == ""


def test_one_that_is_answered_stays_until_the_pill_is_pressed(client: Client, people: dict[str, Person]) -> None:
    ticket, other = queued(due=40), queued(due=50)
    browser = Browser(client, "all/")
    Person.objects.filter(username="tier1").update(tier=1)
    claim(ticket.number, actor=Person.objects.get(username="tier1"))
    html = browser.ask()
    assert swapped(html) == [ticket.number]
    assert pill(html) == "1 moved"
    assert "<span>Answered</span>" in html
    # The headings that the page shows count anew; it has none for answered ones yet.
    assert re.findall(r'id="group-(\w)" hx-swap-oob="true">(\d+)', html) == [("t", "1")]
    assert tabs(html.replace(' hx-swap-oob="true"', ""))["mine"] == 1
    assert browser.ask() == ""
    assert other.number not in swapped(html)


def test_new_tickets_wait_in_the_pill(client: Client) -> None:
    queued()
    browser = Browser(client)
    queued(due=10)
    html = browser.ask()
    assert (pill(html), swapped(html)) == ("1 new", [])
    assert 'hx-get="/queue/1/?"' in html
    queued(due=500)
    queued(tier=2)
    assert pill(browser.ask()) == "2 new"
    assert browser.ask() == ""


def test_the_first_ticket_of_an_empty_queue_is_new(client: Client) -> None:
    browser = Browser(client)
    queued()
    assert pill(browser.ask()) == "1 new"


def test_only_what_matches_the_filters_is_new(client: Client) -> None:
    queued(severity="high")
    browser = Browser(client, "1/?severity=high")
    queued()
    assert pill(browser.ask()) == ""  # the tabs count it
    queued(severity="high")
    html = browser.ask()
    assert pill(html) == "1 new"
    assert 'hx-get="/queue/1/?severity=high"' in html


def test_what_left_the_list_stays_marked_in_its_place(client: Client, people: dict[str, Person]) -> None:
    done, up, _ = queued(), queued(), queued()
    browser = Browser(client)
    resolve(done.number, actor=people["tier1"], code="fixed", note="x")
    criterion = Tier.objects.get(number=1).criteria[0]
    escalate(up.number, actor=people["tier1"], criterion=criterion, reason="x")
    html = browser.ask()
    assert swapped(html) == [done.number, up.number]
    assert pill(html) == "2 gone"
    assert html.count("data-gone") == 2
    assert '<span class="badge">Resolved</span>' in html
    assert '<span class="badge">Now in tier 2</span>' in html
    assert browser.ask() == ""


def test_one_that_was_deleted_is_gone(client: Client) -> None:
    ticket = queued()
    browser = Browser(client)
    Ticket.objects.filter(pk=ticket.pk).delete()
    assert pill(browser.ask()) == "1 gone"
    assert browser.ask() == ""


def test_the_time_moves_a_ticket_to_another_group(client: Client) -> None:
    queued(due=32)
    browser = Browser(client)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=3)):
        html = browser.ask()
        assert (pill(html), swapped(html)) == ("1 moved", [])
        assert browser.ask() == ""


def test_a_later_target_moves_it_down(client: Client) -> None:
    first, _, _ = queued(due=40), queued(due=50), queued(due=60)
    browser = Browser(client)
    later = timezone.now() + dt.timedelta(minutes=90)
    Ticket.objects.filter(pk=first.pk).update(due_at=later, version=2)
    assert pill(browser.ask()) == "1 moved"


def test_what_fills_up_a_full_page_is_not_new(client: Client, people: dict[str, Person]) -> None:
    for name in (queue_list, queue_changes):
        assert name.PAGE_SIZE == 50
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue_list, "PAGE_SIZE", 2)
        patch.setattr(queue_changes, "PAGE_SIZE", 2)
        tickets = [queued(due=40 + number) for number in range(4)]
        browser = Browser(client)
        resolve(tickets[0].number, actor=people["tier1"], code="fixed", note="x")
        assert pill(browser.ask()) == "1 gone"
        queued(due=35)
        assert pill(browser.ask()) == "1 new, 1 gone"


@pytest.mark.parametrize("status", ["any", "resolved"])
def test_lists_by_number_follow_too(client: Client, people: dict[str, Person], status: str) -> None:
    first, second = queued(), queued()
    resolve(first.number, actor=people["tier1"], code="fixed", note="x")
    browser = Browser(client, f"1/?status={status}")
    assert browser.ask() == ""
    resolve(second.number, actor=people["tier1"], code="fixed", note="x")
    assert pill(browser.ask()) == ("" if status == "any" else "1 new")


@pytest.mark.parametrize(
    "query", ["", "state=x", "state=00000000,1v1", "state=00000000,1v1z", "state=" + "00000000" + ",1v1o" * 61]
)
def test_a_state_that_no_page_has_is_refused_in_words(client: Client, query: str) -> None:
    answer = client.get(f"/queue/1/changes/?{query}")
    assert answer.status_code == 422
    assert "The state is not one that a page of the queue has." in answer.content.decode()


def test_a_wrong_filter_is_refused_in_words(client: Client) -> None:
    answer = client.get("/queue/1/changes/?severity=x&state=00000000")
    assert answer.status_code == 422
    assert "There is no severity “x”." in answer.content.decode()


def test_the_queries_do_not_grow_with_the_tickets(
    client: Client, people: dict[str, Person], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        queued(str(number), tags=(str(number),), assignee=people["tier1"] if number % 2 else people["tier2"])
    browser = Browser(client)
    with django_assert_num_queries(1):  # session, person and changes in one
        assert browser.ask() == ""
    Ticket.objects.update(version=5)
    # As before; session; person; what stands where, the groups; the page as it is now; the rows as they are now.
    with django_assert_num_queries(7):
        assert len(swapped(browser.ask())) == 12


def unchanged(client: Client, browser: Browser) -> bool:
    """Whether `client` is told that what `browser` shows is as it was, before anything is done for it."""
    return client.get(f"{browser.address}&state={quote(browser.state)}", headers=HTMX).status_code == 204


def test_only_whoever_is_signed_in_is_told_that_nothing_differs(
    client: Client, client_as: SignIn, people: dict[str, Person]
) -> None:
    browser = Browser(client)
    assert unchanged(client, browser)
    assert not unchanged(Client(), browser)
    assert not unchanged(client_as("tier2"), browser)
    client.cookies["sessionid"] = "0" * 32
    assert not unchanged(client, browser)


@pytest.mark.parametrize("how", ["retired", "another role", "another password", "signed out"])
def test_what_ends_the_right_to_see_it_counts_at_once(client: Client, people: dict[str, Person], how: str) -> None:
    browser, person = Browser(client), people["tier1"]
    assert unchanged(client, browser)
    if how == "retired":
        Person.objects.filter(pk=person.pk).update(retired_at=timezone.now())
    elif how == "another role":
        person.role.permissions.clear()
    elif how == "another password":
        person.set_password("never used before")
        person.save()
    else:
        key = client.cookies["sessionid"].value
        client.post(reverse("logout"))
        client.cookies["sessionid"] = key
    assert not unchanged(client, browser)


def test_a_stranger_among_hosts_is_not_answered(client: Client) -> None:
    browser = Browser(client)
    headers = {**HTMX, "host": "elsewhere.example"}
    assert client.get(f"{browser.address}&state={quote(browser.state)}", headers=headers).status_code == 400
