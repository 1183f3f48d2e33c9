"""How much a page of the queue weighs, what it is told while it is open, and that neither is ever stale."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.test import Client, TestCase
from django.utils import timezone

from incidents.actions import counting
from incidents.actions.statuses import resolve
from incidents.models import Category, QueueCount, Tag, Ticket, Tier
from incidents.views import queue_counts
from tests.conftest import make_people, signed_in
from tests.incidents.queueing import queued
from tests.incidents.views.test_queue import HTMX, page
from tests.incidents.views.test_queue_changes import Browser, pill
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
KILOBYTE = 1024


@pytest.fixture
def client(client_as: SignIn) -> Client:
    return client_as("tier1")


def ask(client: Client, browser: Browser) -> bytes:
    return client.get(f"{browser.address}&state={quote(browser.state)}", headers=HTMX).content


class TestWeight(TestCase):
    """A full page, and one ticket more."""

    people: ClassVar[dict[str, Person]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        for number in range(51):
            tags = ("mail", "printer", "network") if number % 3 else ()
            queued(f"It does not work since this morning, and nobody knows why ({number})", due=60 + number, tags=tags)
        Ticket.objects.update(assignee=cls.people["tier1"])

    def setUp(self) -> None:
        self.client = signed_in(self.people["tier1"])

    def test_the_first_load_is_light(self) -> None:
        html = page(self.client, "1/")
        assert len(html) <= 150 * KILOBYTE
        weight = len(gzip.compress(html.encode()))
        for name in set(re.findall(r'(?:href|src)="/static/([^"#]+)', html)):
            path = finders.find(name)
            assert isinstance(path, str)
            weight += len(gzip.compress(Path(path).read_bytes()))
        assert weight <= 100 * KILOBYTE

    def test_nothing_new_is_nothing_sent(self) -> None:
        browser = Browser(self.client)
        with self.assertNumQueries(1):  # session, person and changes in one
            assert ask(self.client, browser) == b""

    def test_a_change_that_this_page_does_not_show_costs_it_a_kilobyte_once(self) -> None:
        other = queued(tier=2)
        browser = Browser(self.client)
        Ticket.objects.filter(pk=other.pk).update(title="Another")
        answer = ask(self.client, browser)
        assert 0 < len(answer) <= KILOBYTE
        assert "queue-state" in browser.ask()
        assert browser.ask() == ""

    def test_changes_are_light(self) -> None:
        browser = Browser(self.client)
        for number in Ticket.objects.order_by("due_at").values_list("number", flat=True)[:5]:
            resolve(number, actor=self.people["tier1"], code="fixed", note="x")
        queued(due=10)
        answer = ask(self.client, browser)
        assert b"5 gone" in answer
        assert len(answer) <= 10 * KILOBYTE


class TestNeverStale:
    def test_a_moment_that_passes_is_told_though_no_ticket_changes(self, client: Client) -> None:
        queued(due=90)
        breaching = queued(due=60, tier=2)
        browser = Browser(client)
        with time_machine.travel(breaching.due_at - dt.timedelta(minutes=29)):  # type: ignore[operator]  # it has one
            assert 'id="tab-count-breaching" hx-swap-oob="true">1</span>' in browser.ask()
            assert browser.ask() == ""

    def test_at_risk_is_such_a_moment_too(self, client: Client) -> None:
        queued(due=600, at_risk_at=timezone.now() + dt.timedelta(minutes=5))
        browser = Browser(client)
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
            assert 'id="tab-count-breaching" hx-swap-oob="true">1</span>' in browser.ask()

    def test_somebody_else_on_the_same_page_is_told_anew(
        self, client: Client, client_as: SignIn, people: dict[str, Person]
    ) -> None:
        queued(assignee=people["tier1"])
        browser = Browser(client, "mine/")
        assert browser.ask() == ""
        browser.client = client_as("tier2")
        assert pill(browser.ask()) == "1 gone"

    def test_a_finished_ticket_that_changes_is_told(self, client: Client, people: dict[str, Person]) -> None:
        ticket = queued()
        resolve(ticket.number, actor=people["tier1"], code="fixed", note="x")
        browser = Browser(client, "1/?status=resolved")
        Ticket.objects.filter(pk=ticket.pk).update(title="Mended", version=9)
        assert "Mended" in browser.ask()

    def test_putting_the_counts_together_is_no_change(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        queued(), queued(), queued(tier=3)
        browser, changes = Browser(client), QueueCount.objects.changes()
        monkeypatch.setattr(counting, "ENOUGH", 0)
        counting.fold(timezone.now())
        assert QueueCount.objects.changes() == changes
        assert browser.ask() == ""

    def test_the_set_up_counts_at_the_next_request(self, client: Client, people: dict[str, Person]) -> None:
        queued()
        page(client, "1/")
        Tag.objects.create(name="brand-new")
        Category.objects.filter(key="application").update(name="Programs")
        Tier.objects.filter(number=1).update(name="First aid", on_call=people["tier2"])
        html = page(client, "1/")
        assert '<option value="brand-new">' in html
        assert ">Programs</option>" in html
        assert "First aid. Response targets: critical 15 min" in html
        assert "nobody is on call" not in html
        Person.objects.filter(username="tier2").update(retired_at=timezone.now())
        assert "nobody is on call" in page(client, "1/")


class TestEnough:
    @pytest.fixture(autouse=True)
    def _few_are_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queue_counts, "ENOUGH", 3)
        monkeypatch.setattr(queue_counts, "MORE", "3+")
        monkeypatch.setattr("incidents.views.queue_list.PAGE_SIZE", 2)

    def test_where_counting_ends_it_says_so(self, client: Client) -> None:
        for due in (-5, -4, 10, 11, None):
            queued(due=due, severity="high")
        html = page(client, "1/?severity=high")
        assert 'id="group-o">2</span>' in html
        assert "3+ tickets, what is due next first" in html
        assert 'id="tab-count-breaching">3+</span>' in html
        later = page(client, "1/?severity=high&after=answered_high_0&status=")
        assert 'id="group-a"></span>' in later

    def test_what_is_known_or_not_more_is_a_number(self, client: Client) -> None:
        for due in (-5, -4, 100):
            queued(due=due, severity="high")
        assert "3 tickets, what is due next first" in page(client, "1/?severity=high")
        queued(due=300), queued(due=400)
        assert "5 tickets, what is due next first" in page(client, "1/")
