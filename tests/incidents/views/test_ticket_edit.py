"""Changing what a ticket says, alone and at the same time as somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.actions import editing, statuses
from incidents.models import Category, Ticket
from tests.incidents.views.reading import do, words
from zbmaint.access.models import Person

People = dict[str, Person]
GIVEN: dict[str, Any] = {
    "title": "Mail is late",
    "severity": "high",
    "category": "",
    "description": "It **waits**",
    "tags": "mail",
}


def send(client: Client, ticket: Ticket, version: int, **values: str) -> tuple[int, str]:
    answer = client.post(f"/tickets/{ticket.number}/edit/", {"version": version, **GIVEN, **values}, follow=True)
    return answer.status_code, answer.content.decode()


def says(**values: Any) -> None:
    found = Ticket.objects.values(*values).get()
    assert found == values


def test_the_form_says_what_the_ticket_says(one: Client, ticket: Ticket) -> None:
    html = one.get(f"/tickets/{ticket.number}/edit/").content.decode()
    assert 'value="Mail is late"' in html
    assert 'value="mail"' in html
    assert "It **waits**" in html
    assert 'name="version" value="1"' in html


def test_it_is_saved(one: Client, ticket: Ticket) -> None:
    status, html = send(one, ticket, 1, title="Mail is lost", category="database", tags="Mail, b c", severity="low")
    assert status == 200
    assert f"{ticket} is saved." in words(html)
    says(title="Mail is lost", severity="low", tags=["b-c", "mail"], category__key="database", version=2)


def test_saving_the_same_changes_nothing(one: Client, ticket: Ticket) -> None:
    assert "Nothing was changed." in words(send(one, ticket, 1)[1])
    says(version=1)


def test_the_ends_of_lines_are_no_change(one: Client, ticket: Ticket) -> None:
    Ticket.objects.update(description="a\nb")
    send(one, ticket, 1, description="a\r\nb")
    says(version=1, description="a\nb")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("title", "", "Enter a title"),
        ("title", "x" * 10_000, "A title has at most 300 characters, this one 10,000."),
        ("description", "x" * 20_001, "This has 20,001 characters; 20,000 are kept."),
        ("severity", "awful", "There is no severity “awful”."),
        ("category", "nonsense", "There is no category “nonsense”."),
        ("tags", "<b>", "“<b>” is no tag"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    one: Client, ticket: Ticket, field: str, value: str, problem: str
) -> None:
    status, html = send(one, ticket, 1, **{"title": "My title", "description": "My text", field: value})
    assert status == 422
    assert problem in words(html)
    assert "My title" in html or field == "title"
    assert "My text" in html or field == "description"
    says(version=1)


def test_a_finished_one_is_not_edited(one: Client, ticket: Ticket, desk: People) -> None:
    statuses.resolve(ticket.number, actor=desk["tier1"], code="fixed", note="x")
    statuses.close(ticket.number, actor=desk["tier1"])
    refusal = "This ticket is closed and is not changed any more. What can be done: reopen."
    assert refusal in words(one.get(f"/tickets/{ticket.number}/edit/").content.decode())
    status, html = send(one, ticket, 3, title="My title")
    assert status == 409
    assert refusal in words(html)
    assert "My title" in html


def test_a_retired_category_stays_with_those_that_have_it(one: Client, ticket: Ticket) -> None:
    category = Category.objects.create(key="old", name="Old", retired_at=ticket.created_at)
    assert send(one, ticket, 1, category="old")[0] == 422
    Ticket.objects.update(category=category)
    assert send(one, ticket, 1, category="old", title="Another")[0] == 200
    says(category__key="old", title="Another")


class TestConflict:
    @pytest.fixture(autouse=True)
    def _meanwhile(self, ticket: Ticket, desk: People) -> None:
        """Somebody else has changed title, severity and description."""
        values = {"title": "Theirs", "severity": "low", "description": "Their text"}
        editing.edit(ticket.number, values, actor=desk["lead"], seen=1)

    def test_both_values_are_said_and_the_losers_text_is_kept(self, one: Client, ticket: Ticket) -> None:
        status, html = send(one, ticket, 1, title="Mine", description="My long text")
        assert status == 409
        text = words(html)
        assert "Title Mine Theirs by lead just now" in text
        assert "Description My long text Their text by lead just now" in text
        assert 'value="Mine"' in html
        assert "My long text</textarea>" in html
        says(title="Theirs", description="Their text", version=2)

    def test_saving_again_is_knowingly_and_leaves_the_rest_as_they_made_it(self, one: Client, ticket: Ticket) -> None:
        _, html = send(one, ticket, 1, title="Mine")
        assert "Save anyway" in html
        assert 'name="version" value="2"' in html
        assert "Severity" not in html.split("</table>")[0].split("<tbody>")[1]
        # What one left alone is in the form as the other has made it.
        assert '<option value="low" selected' in html
        assert "Their text</textarea>" in html
        send(one, ticket, 2, title="Mine", severity="low", description="Their text")
        says(title="Mine", severity="low", description="Their text", version=3)

    def test_other_fields_do_not_clash(self, one: Client, ticket: Ticket) -> None:
        assert send(one, ticket, 1, tags="mine")[0] == 200
        says(title="Theirs", severity="low", description="Their text", tags=["mine"])

    def test_the_same_change_twice_is_none(self, one: Client, ticket: Ticket) -> None:
        assert send(one, ticket, 1, title="Theirs")[0] == 200

    def test_a_third_change_clashes_again(self, one: Client, ticket: Ticket, desk: People) -> None:
        send(one, ticket, 1, title="Mine")
        editing.edit(ticket.number, {"title": "Theirs again"}, actor=desk["lead"], seen=2)
        status, html = send(one, ticket, 2, title="Mine", severity="low", description="Their text")
        assert (status, "Theirs again" in html) == (409, True)


def test_who_is_asked_through_the_menu_comes_back_to_the_ticket(one: Client, ticket: Ticket) -> None:
    assert "Activity" in do(one, ticket, "edit", **GIVEN)
