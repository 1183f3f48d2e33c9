"""Opening a ticket by hand."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from incidents.models import Category, Ticket
from tests.incidents.made import make_ticket
from tests.incidents.views.reading import words
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
GIVEN = {"title": "Sign-in page answers 502", "severity": "high", "reporter": "Rudo of sales"}


@pytest.fixture
def client(client_as: SignIn) -> Client:
    return client_as("tier1")


def send(client: Client, **values: str) -> tuple[int, str]:
    answer = client.post("/tickets/new/", {**GIVEN, **values}, follow=True)
    return answer.status_code, answer.content.decode()


def test_the_form_names_who_is_asking_and_what_is_promised(client: Client) -> None:
    html = client.get("/tickets/new/").content.decode()
    assert 'name="reporter" value="tier1"' in html
    assert "Medium: tier 1 responds within 4 h." in html
    assert re.search(r'type="hidden" name="id" value="[0-9a-f-]{36}"', html)


def test_it_opens_the_ticket_and_leads_to_its_page(client: Client, people: dict[str, Person]) -> None:
    Category.objects.filter(key="database").update(first_tier=2)
    status, html = send(client, category="database", tags="Mail, web tier,mail", description="**All** of it")
    ticket = Ticket.objects.get()
    assert (status, ticket.title, ticket.severity, ticket.tier_id) == (200, GIVEN["title"], "high", 2)
    assert (ticket.reporter, ticket.reported_by, ticket.tags) == ("Rudo of sales", None, ["mail", "web-tier"])
    assert f"{ticket} is open in tier 2, nobody has it yet." in words(html)


def test_a_reporter_called_as_a_person_is_that_person(client: Client, people: dict[str, Person]) -> None:
    send(client, reporter=" Lead ")
    ticket = Ticket.objects.get()
    assert (ticket.reporter, ticket.reported_by) == ("lead", people["lead"])


def test_the_tier_can_be_chosen(client: Client) -> None:
    send(client, tier="3")
    assert Ticket.objects.get().tier_id == 3


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "", "Enter a title: one sentence on what does not work."),
        ("title", " \t ", "Enter a title: one sentence on what does not work."),
        ("title", "x" * 10_000, "A title has at most 300 characters, this one 10,000."),
        ("description", "> " * 500_000, "This has 1,000,000 characters; 20,000 are kept."),
        ("severity", "awful", "There is no severity “awful”."),
        ("severity", "", "Choose a severity."),
        ("category", "nonsense", "There is no category “nonsense”."),
        ("tier", "9", "There is no tier “9”."),
        ("tier", "one", "There is no tier “one”."),
        ("tags", "a, <b>", "“<b>” is no tag"),
        ("tags", "x" * 41, "A tag has at most 40 characters"),
        ("tags", ",".join(map(str, range(21))), "A ticket has at most 20 tags, not 21."),
        ("reporter", " ", "Say who reports it."),
        ("reporter", "x" * 151, "at most 150 characters"),
        ("id", "no-uuid", "This form has been changed on its way."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client: Client, field: str, value: str, says: str) -> None:
    status, html = send(client, **{"description": "Kept <as> it was", field: value})
    assert status == 422
    assert says in words(html)
    assert "The ticket was not created." in html
    if field not in ("id",):
        assert f'href="#id_{field}"' in html
        assert 'aria-invalid="true"' in html
    assert GIVEN["title"] in html or field == "title"
    assert "Kept &lt;as&gt; it was" in html or field == "description"
    assert not Ticket.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client: Client) -> None:
    _, html = send(client, title="", reporter="", severity="awful")
    assert html.count('class="error"') == 3


def test_scripts_and_nul_characters_do_no_harm(client: Client) -> None:
    status, html = send(client, title="<script>alert(1)</script>", description="[x](javascript:alert(1))")
    assert status == 200
    assert "<script>alert(1)" not in html
    assert 'href="javascript' not in html
    assert send(client, title="a\x00b")[0] == 422


def test_sent_twice_it_is_one_ticket(client: Client) -> None:
    given = str(uuid.uuid4())
    first, second = send(client, id=given), send(client, id=given)
    assert (first[0], second[0]) == (200, 200)
    assert str(Ticket.objects.get().pk) == given


def test_another_text_under_the_same_id_is_another_ticket(client: Client) -> None:
    given = str(uuid.uuid4())
    send(client, id=given)
    send(client, id=given, title="Something else altogether")
    assert Ticket.objects.count() == 2


def test_who_may_not_is_told_so(client_as: SignIn) -> None:
    assert client_as("viewer").get("/tickets/new/").status_code == 403
    assert 'href="/tickets/new/"' not in client_as("viewer").get("/").content.decode()
    assert 'href="/tickets/new/"' in client_as("tier1").get("/").content.decode()


class TestSimilar:
    def like(self, client: Client, title: str, **values: str) -> list[str]:
        answer = client.get("/tickets/new/like/", {"title": title, "severity": "medium", **values})
        assert answer.status_code == 200
        return re.findall(r'<a href="/tickets/\d+/">([^<]*)</a>', answer.content.decode())

    def test_open_tickets_with_words_of_the_title_are_found(self, client: Client) -> None:
        for key, title in (("a", "Sign-in page returns 502"), ("b", "Disk of ops-1 is full"), ("c", "Page is slow")):
            make_ticket(key=key, title=title)
        assert self.like(client, "The sign-in page retu") == ["Sign-in page returns 502"]
        assert self.like(client, "Disks full") == ["Disk of ops-1 is full"]

    def test_those_of_the_same_category_stand_first_and_five_at_most(self, client: Client) -> None:
        for number in range(6):
            make_ticket(key=str(number), title=f"Disk {number} is full", category="other")
        make_ticket(key="x", title="Disk full, and more besides that nobody asked", category="database")
        found = self.like(client, "disk full", category="database")
        assert found[0].startswith("Disk full, and more")
        assert len(found) == 5

    def test_finished_ones_are_not(self, client: Client) -> None:
        ticket = make_ticket()
        Ticket.objects.update(status="resolved", resolved_at=ticket.created_at)
        assert self.like(client, ticket.title) == []

    @pytest.mark.parametrize("title", ["", "a", "' & | ! ( ) : * \\", "\x00", "x" * 10_000, "the and of"])
    def test_nothing_that_is_typed_is_an_error(self, client: Client, title: str) -> None:
        make_ticket()
        assert self.like(client, title) == []

    def test_the_hint_follows_severity_tier_and_category(self, client: Client) -> None:
        Category.objects.filter(key="database").update(first_tier=2)
        for values, says in (
            ({"severity": "critical"}, "Critical: tier 1 responds within 15 min."),
            ({"severity": "high", "tier": "3"}, "High: tier 3 responds within 4 h."),
            ({"severity": "low", "category": "database"}, "Low: tier 2 responds within 48 h."),
        ):
            assert says in words(client.get("/tickets/new/like/", values).content.decode())
        assert "responds" not in client.get("/tickets/new/like/", {"severity": "no"}).content.decode()
