"""The queue's filters, as people type them into its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Category, Ticket
from tests.incidents.queueing import queued
from tests.incidents.views.test_queue import HTMX, listed, page
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]


@pytest.fixture
def lead(client_as: SignIn) -> Client:
    return client_as("lead")


@pytest.mark.parametrize(
    "query",
    ["severity=critical", "status=in_progress", "assignee=tier2", "tag=e-mail", "category=bug", "q=members&tag=e-mail"],
)
def test_a_filter_leaves_only_what_matches(lead: Client, people: dict[str, Person], query: str) -> None:
    queued("Members cannot sign in")
    facts: dict[str, Any] = {"severity": "critical", "tags": ("e-mail",), "category": Category.objects.get(key="bug")}
    wanted = queued("Some members wait", status="in_progress", assignee=people["tier2"], **facts)
    assert listed(page(lead, f"1/?{query}")) == [wanted.number]
    assert listed(page(lead, f"1/?{query}", headers=HTMX)) == [wanted.number]


def test_me_and_none_are_assignees(lead: Client, people: dict[str, Person]) -> None:
    mine, nobodys, _ = queued(assignee=people["lead"]), queued(), queued(assignee=people["tier2"])
    assert listed(page(lead, "all/?assignee=me")) == [mine.number]
    assert listed(page(lead, "all/?assignee=none")) == [nobodys.number]


def test_who_has_left_can_be_asked_for(lead: Client, people: dict[str, Person]) -> None:
    ticket = queued(assignee=people["tier2"])
    Person.objects.filter(username__in=["tier2", "tier3"]).update(retired_at=timezone.now())
    html = page(lead, "all/?assignee=tier2")
    assert listed(html) == [ticket.number]
    assert ">tier2 (has left)</option>" in html
    assert ">tier3" not in html


class TestText:
    def test_a_number_finds_its_ticket(self, lead: Client) -> None:
        ticket, other = queued("About 7"), queued()
        Ticket.objects.filter(pk=other.pk).update(title=f"Like {ticket}, the {ticket.number}th")
        for text in (f"{ticket.number}", f"INC-{ticket.number}", f" inc-{ticket.number} "):
            assert listed(page(lead, f"all/?q={quote(text)}")) == [ticket.number]
        assert listed(page(lead, "all/?q=999999999999999999")) == []

    @pytest.mark.parametrize("text", ["password reset", "RESET pass", "resets after", "sign-in", "émi", "ops-1.exa"])
    def test_all_words_must_be_there_and_the_last_may_be_begun(self, lead: Client, text: str) -> None:
        queued("Password forgotten")
        wanted = queued(
            "Émilie: password resets fail", description="After a reset the sign-in of ops-1.example.org ends."
        )
        assert listed(page(lead, f"all/?q={quote(text)}")) == [wanted.number]

    @pytest.mark.parametrize("text", ["pass reset", "assword", "reset password fine"])
    def test_what_is_not_there_is_not_found(self, lead: Client, text: str) -> None:
        queued("Password resets fail")
        html = page(lead, f"all/?q={quote(text)}")
        assert listed(html) == []
        assert "Nothing matches these filters" in html

    @pytest.mark.parametrize("text", ["%", "' | '", "!!!", "&:*", "\\"])
    def test_what_is_no_word_is_said(self, lead: Client, text: str) -> None:
        queued("Password resets fail")
        answer = lead.get(f"/queue/all/?q={quote(text)}")
        assert answer.status_code == 422
        assert "There is no word to look for in" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("severity=exploded", "There is no severity “exploded”. Choose one of: critical, high, medium, low."),
        ("status=new", "There is no status “new”. Choose one of: open, in_progress, resolved, closed, any."),
        ("assignee=zorro", "There is no assignee “zorro”. Choose one of: me, none, admin, lead, "),
        ("tag=x", "There is no tag “x”. Choose one of: posts."),
        ("category=x", "There is no category “x”. Choose one of: user_account, "),
        ("severity=CRITICAL", "There is no severity “CRITICAL”."),
        (
            "sevrity=high",
            "There is no filter “sevrity”. The filters are: q, severity, status, assignee, tag, category.",
        ),
        ("severity=high&severity=low", "The filter severity is given more than once."),
        ("q=" + "x" * 201, "The text to look for has 201 characters; at most 200 are used."),
        ("q=%00", "holds a character that no ticket can hold"),
        ("tag=%00", "There is no tag “\ufffd”."),
        ("after=x&before=y", "give one of the two"),
    ],
)
def test_what_means_nothing_is_said_and_nothing_is_shown(lead: Client, query: str, says: str) -> None:
    queued(tags=("posts",))
    for headers in (None, HTMX):
        html = page(lead, f"1/?{query}", 422, headers)
        assert "These filters show nothing" in html
        assert says in html
        assert listed(html) == []


def test_what_was_typed_stays_in_the_form(lead: Client) -> None:
    html = page(lead, f"1/?severity=exploded&status=resolved&q={'x' * 101}", 422)
    assert '<option value="exploded" selected>“exploded”: there is none</option>' in html
    assert '<option value="resolved" selected>' in html
    assert f'value="{"x" * 101}"' in html
