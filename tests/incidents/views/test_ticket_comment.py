"""Comments."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.actions import statuses
from incidents.models import Entry, Ticket
from tests.incidents.views.reading import HTMX, words
from zbmaint.access.models import Person

People = dict[str, Person]


def say(client: Client, ticket: Ticket, text: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = client.post(f"/tickets/{ticket.number}/comments/", {"text": text}, headers=headers, follow=True)
    return answer.status_code, answer.content.decode()


def test_it_is_added_and_its_author_watches(one: Client, ticket: Ticket, desk: People) -> None:
    status, html = say(one, ticket, "  It is **slow**\r\nAgain ")
    assert status == 200
    assert "<strong>slow</strong>" in html
    assert Entry.objects.get(kind="comment").text == "It is **slow**\nAgain"
    assert ticket.watchers.filter(person=desk["tier1"]).exists()


def test_with_htmx_the_form_comes_back_empty_and_the_page_asks_for_what_is_new(one: Client, ticket: Ticket) -> None:
    answer = one.post(f"/tickets/{ticket.number}/comments/", {"text": "Hello"}, headers=HTMX)
    assert answer["HX-Trigger"] == "activity"
    html = answer.content.decode()
    assert html.strip().startswith("<form")
    assert "Hello" not in html


@pytest.mark.parametrize("headers", [None, HTMX])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" ", "Write something: what did you find, and what happens next?"),
        ("", "Write something"),
        ("> " * 500_000, "This has 1,000,000 characters; 20,000 are kept."),
        ("a\x00b", "This holds a character that cannot be kept (NUL, or half of one)."),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_the_box(
    one: Client, ticket: Ticket, text: str, says: str, headers: dict[str, str] | None
) -> None:
    status, html = say(one, ticket, text, headers)
    assert status == 422
    assert says in words(html)
    assert ("<html" in html) == (headers is None)
    assert text.strip("\x00").replace(">", "&gt;")[:20].strip() in html
    assert not Entry.objects.filter(kind="comment").exists()


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_closed_ticket_takes_none_and_the_text_is_kept(
    one: Client, ticket: Ticket, desk: People, headers: dict[str, str] | None
) -> None:
    statuses.resolve(ticket.number, actor=desk["tier1"], code="fixed", note="x")
    statuses.close(ticket.number, actor=desk["tier1"])
    status, html = say(one, ticket, "My <words>", headers)
    assert status == 409
    assert "This ticket is closed and takes no comments. Reopen it, and say why." in words(html)
    assert "My &lt;words&gt;" in html
