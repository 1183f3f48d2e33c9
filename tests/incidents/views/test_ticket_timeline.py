"""The timeline of a ticket."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from incidents.actions import assignment, comments, editing, handing, statuses
from incidents.models import Entry, Ticket
from incidents.views.ticket_timeline import PAGE_SIZE
from tests.incidents.views.reading import HTMX, read, source, words
from zbmaint.access.models import Person

People = dict[str, Person]
ENTRY = re.compile(r'<li(?: class="event")? id="entry-(\d+)"')


def test_people_and_system_are_one_stream_oldest_first(one: Client, ticket: Ticket, desk: People) -> None:
    assignment.claim(ticket.number, actor=desk["tier1"])
    comments.comment(ticket.number, "It is **slow**", actor=desk["tier1"])
    editing.edit(ticket.number, {"title": "Mail is very late"}, actor=desk["tier1"], seen=3)
    html = source(one, ticket)
    assert [int(pk) for pk in ENTRY.findall(html)] == list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert 'aria-label="Comment by tier1"' in html
    assert "<strong>slow</strong>" in html
    assert "Title: Mail is late → Mail is very late" in words(html)
    assert "Status: open → in progress" in words(html)
    assert "tier1 claimed it; Tier 1 response met in 0 s" in words(html)


def test_long_values_are_opened(one: Client, ticket: Ticket, desk: People) -> None:
    editing.edit(ticket.number, {"description": "line\n" * 40}, actor=desk["tier1"], seen=1)
    assert re.search(r'<details class="opens"><summary><span>Description</span>', source(one, ticket))


def test_reasons_and_notes_are_prose(one: Client, ticket: Ticket, desk: People) -> None:
    handing.escalate(ticket.number, actor=desk["tier1"], criterion="System outages", reason="The *relay*")
    assert "<em>relay</em>" in source(one, ticket)
    statuses.resolve(ticket.number, actor=desk["tier2"], code="fixed", note="Turned it **off**")
    assert source(one, ticket).count("<strong>off</strong>") == 2  # as the end, and in the timeline


def test_the_filter_shows_comments_or_changes(one: Client, ticket: Ticket, desk: People) -> None:
    assert "Nobody has said anything yet." in read(one, ticket, "?activity=comments")
    comments.comment(ticket.number, "Hello", actor=desk["tier1"])
    said = Entry.objects.get(kind="comment").pk
    assert ENTRY.findall(source(one, ticket, "?activity=comments")) == [str(said)]
    assert str(said) not in ENTRY.findall(source(one, ticket, "?activity=changes"))


@pytest.mark.parametrize("query", ["?activity=everything", "?before=x", "?before=999999999", "?before=" + "9" * 30])
def test_a_wrong_address_is_said_in_words(one: Client, ticket: Ticket, query: str) -> None:
    html = source(one, ticket, query, 422)
    assert "No activity is shown." in html
    assert ENTRY.findall(html) == []


def test_it_has_pages_of_two_hundred(one: Client, ticket: Ticket) -> None:
    now = timezone.now()
    more = [Entry(ticket=ticket, kind="comment", text=str(number), at=now) for number in range(PAGE_SIZE + 30)]
    Entry.objects.bulk_create(more)
    every = list(Entry.objects.order_by("at", "pk").values_list("pk", flat=True))
    newest = source(one, ticket)
    assert [int(pk) for pk in ENTRY.findall(newest)] == every[-PAGE_SIZE:]
    assert f"?activity=all&amp;before={every[-PAGE_SIZE]}" in newest
    earlier = source(one, ticket, f"?before={every[-PAGE_SIZE]}")
    assert [int(pk) for pk in ENTRY.findall(earlier)] == every[:-PAGE_SIZE]
    assert "Earlier entries" not in earlier
    assert 'id="ticket-poll"' not in earlier


def test_a_poll_brings_what_is_new_and_the_head_with_it(one: Client, ticket: Ticket, desk: People) -> None:
    asked = re.search(r'id="ticket-poll" hidden hx-get="([^"]+)"', source(one, ticket))
    assert asked
    url = asked[1].replace("&amp;", "&")
    assert one.get(url, headers=HTMX).status_code == 204
    assignment.claim(ticket.number, actor=desk["tier1"])
    html = one.get(url, headers=HTMX).content.decode()
    assert ENTRY.findall(html) == [str(Entry.objects.latest("pk").pk)]
    for part in ("marks", "actions", "next", "clocks", "details", "why", "people", "stays", "poll"):
        assert re.search(rf'id="ticket-{part}"[^>]*hx-swap-oob="true"', html), part
    assert "seen=2" in html


@pytest.mark.parametrize("query", ["", "?after=x&seen=y&activity=no"])
def test_a_poll_with_nonsense_is_no_error(one: Client, ticket: Ticket, query: str) -> None:
    assert one.get(f"/tickets/{ticket.number}/activity/{query}").status_code == 200
