"""The queue: what stands in it, in which order, and what it says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.actions.statuses import close, resolve
from incidents.models import ResponseTarget, Ticket, Tier
from incidents.views.queue_list import PAGE_SIZE
from tests.incidents.queueing import queued
from zbmaint.access.models import Person, Role

SignIn = Callable[[str], Client]
People = dict[str, Person]
HTMX = {"HX-Request": "true"}


def page(client: Client, path: str = "all/", status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = client.get(f"/queue/{path}", headers=headers)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def listed(html: str) -> list[int]:
    """The numbers of the tickets on a page, from top to bottom."""
    return [int(number) for number in re.findall(r'<tr id="ticket-(\d+)"', html)]


def row(html: str, ticket: Ticket) -> str:
    """The row of `ticket`."""
    found = re.search(rf'<tr id="ticket-{ticket.number}".*?</tr>', html)
    assert found is not None
    return found[0]


def tabs(html: str) -> dict[str, int]:
    """The counts of the tabs."""
    return {name: int(count) for name, count in re.findall(r'id="tab-count-(\w+)">(\d+)<', html)}


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


class TestTabs:
    def test_it_opens_with_the_queue_of_ones_own_tier(self, client_as: SignIn, people: People) -> None:
        Person.objects.filter(username="tier2").update(tier=2)
        html = page(client_as("tier2"), "")
        assert "<h1>Tier 2 queue</h1>" in html
        assert 'href="/queue/2/" aria-current="page"' in html

    def test_who_is_in_no_tier_begins_with_all_tickets(self, viewer: Client) -> None:
        assert "<h1>All tickets</h1>" in page(viewer, "")

    def test_a_tier_says_its_name_and_how_soon_it_responds(self, viewer: Client) -> None:
        ResponseTarget.objects.filter(tier=1, severity="medium").update(response_minutes=90)
        html = page(viewer, "1/")
        said = "First line support. Response targets: critical 15 min, high 1 h, medium 1 h 30 min, low 24 h."
        assert f'<p class="muted">{said}</p>' in html

    def test_each_counts_the_unfinished_tickets_that_stand_in_it(self, client_as: SignIn, people: People) -> None:
        mine: dict[str, Any] = {"assignee": people["lead"], "accepted_at": timezone.now()}
        queued(due=-5)
        queued(due=20, **mine)
        queued(due=90, tier=2, at_risk_at=timezone.now())
        queued(due=None, tier=2, **mine)
        queued(due=90, tier=3)
        paused = queued(due=-5, tier=3, paused_until=timezone.now() + dt.timedelta(hours=1))
        resolve(queued().number, actor=people["lead"], code="fixed", note="x")
        client = client_as("lead")
        html = page(client, "all/?severity=critical")  # the tabs say what there is, whatever is filtered
        assert tabs(html) == {"1": 2, "2": 2, "3": 2, "mine": 2, "unassigned": 4, "breaching": 3, "all": 6}
        for key, count in tabs(html).items():
            assert len(listed(page(client, f"{key}/"))) == count
        assert paused.number not in listed(page(client, "breaching/"))

    def test_one_that_does_not_exist_is_not_found_in_words(self, viewer: Client) -> None:
        for path in ("4/", "breached/", "1%00/", "a b/"):
            html = page(viewer, path, 404)
            assert "There is no queue “" in html
            assert 'href="/queue/breaching/">Breaching</a>' in html
        assert page(viewer, "4/changes/", 404)

    def test_the_navigation_leads_there_for_those_who_may_see_tickets(self, client_as: SignIn) -> None:
        assert 'href="/queue/" data-go="q"' in client_as("viewer").get("/").content.decode()
        Role.objects.get(key="viewer").permissions.remove(Permission.objects.get(codename="view_ticket"))
        assert 'href="/queue/"' not in client_as("viewer").get("/").content.decode()


class TestRows:
    def test_what_is_due_next_stands_first_in_groups_with_their_counts(self, viewer: Client) -> None:
        paused = queued(due=3, paused_until=timezone.now() + dt.timedelta(hours=1))
        answered, answered_worse = queued(due=None), queued(due=None, severity="high")
        later, soon = queued(due=31), queued(due=29)
        over, long_over = queued(due=-1), queued(due=-100, severity="low")
        html = page(viewer)
        expected = [long_over, over, soon, later, answered_worse, answered, paused]
        assert listed(html) == [ticket.number for ticket in expected]
        groups = re.findall(r'scope="rowgroup" colspan="8">([^<]+) <span class="count" id="group-\w">(\d+)', html)
        assert groups == [
            ("Overdue", "2"),
            ("Due within 30 minutes", "1"),
            ("On track", "1"),
            ("Answered", "2"),
            ("Paused", "1"),
        ]
        assert "7 tickets, what is due next first" in html

    def test_a_row_says_what_it_is_and_leads_to_it(self, viewer: Client) -> None:
        ticket = queued("<b>Sign-in</b> fails", severity="critical", tags=("a", "b", "c", "d", "e"))
        html = row(page(viewer), ticket)
        assert (
            f'href="/tickets/{ticket.number}/" id="open-{ticket.number}">&lt;b&gt;Sign-in&lt;/b&gt; fails</a>' in html
        )
        assert f'role="cell">INC-{ticket.number}</td>' in html
        assert "</svg>Critical</span>" in html
        assert "</svg>Open</span>" in html
        assert '<span class="tag">c</span><span class="tag" title="a, b, c, d, e">+2</span>' in html
        assert "data-age>0s</time>" in html or "data-age>1s</time>" in html
        assert ">Tier 1</td>" in html
        assert ">Tier 1</td>" not in row(page(viewer, "1/"), ticket)

    def test_its_clock_says_how_it_stands_and_which_it_is(self, viewer: Client) -> None:
        over, soon, risky = queued(due=-8), queued(due=14), queued(due=90, at_risk_at=timezone.now())
        resolution = queued(due=200, due_clock="resolution")
        html = page(viewer)
        assert re.search(r'data-sla="breached".*8m 0\ds over', row(html, over))
        assert re.search(r'data-sla="soon".*1[34]m \d\ds left', row(html, soon))
        assert 'data-sla="soon"' in row(html, risky)
        assert re.search(r'title="First response due \d+ \w+ \d{4}, \d\d:\d\d UTC" data-left', row(html, soon))
        assert 'title="Resolution due ' in row(html, resolution)
        assert "<small>resolution</small>" in row(html, resolution)

    def test_without_a_running_clock_it_says_why(self, viewer: Client) -> None:
        now = timezone.now()
        answered = queued(due=None)
        paused = queued(paused_until=(now + dt.timedelta(days=2)).replace(hour=7, minute=5))
        html = page(viewer)
        assert "<span>Answered</span>" in row(html, answered)
        assert 'title="First response ' in row(html, answered)
        day = now + dt.timedelta(days=2)
        assert f"<span>Paused until {day.day} {day:%b}</span>" in row(html, paused)
        assert f'until {day.day} {day:%b %Y}, 07:05 UTC"' in row(html, paused)
        assert "data-left" not in row(html, paused) + row(html, answered)

    def test_who_has_not_accepted_it_or_has_left_is_told_apart(self, viewer: Client, people: People) -> None:
        nobodys, accepted = queued(), queued(assignee=people["tier1"], accepted_at=timezone.now())
        unaccepted, left = queued(assignee=people["tier2"]), queued(assignee=people["tier3"])
        Person.objects.filter(username="tier3").update(retired_at=timezone.now())
        html = page(viewer)
        assert "Unassigned</span>" in row(html, nobodys)
        assert "data-unaccepted" in row(html, unaccepted)
        assert "not accepted yet" in row(html, unaccepted)
        assert ">has left</span>" in row(html, left)
        for ticket in (nobodys, accepted, left):
            assert "data-unaccepted" not in row(html, ticket)
        assert "has left" not in row(html, accepted)

    def test_finished_ones_stand_by_number_and_say_how_long_they_took(self, viewer: Client, people: People) -> None:
        first, second, third = queued(), queued(due=-5), queued()
        for ticket in (first, second):
            resolve(ticket.number, actor=people["tier1"], code="fixed", note="x")
        close(first.number, actor=people["tier1"])
        Ticket.objects.filter(pk=first.pk).update(resolution_seconds=8040)
        assert listed(page(viewer)) == [third.number]
        html = page(viewer, "all/?status=any")
        assert listed(html) == [third.number, second.number, first.number]
        assert "<span>Resolved in 2h 14m</span>" in row(html, first)
        assert 'title="Closed ' in row(html, first)
        assert 'title="Resolved ' in row(html, second)
        assert 'class="group"' not in html
        assert "Newest first" in html
        assert listed(page(viewer, "all/?status=closed")) == [first.number]


class TestPages:
    def walk(self, client: Client, path: str, rel: str = "next") -> list[list[int]]:
        """The pages from `path` on, by their links."""
        pages = []
        while True:
            html = page(client, path)
            pages.append(listed(html))
            link = re.search(rf'href="/queue/([^"]*)" rel="{rel}"', html)
            if link is None:
                return pages
            path = link[1].replace("&amp;", "&")

    @pytest.mark.parametrize("query", ["", "?status=any"])
    def test_walking_there_and_back_shows_every_ticket_once(self, viewer: Client, query: str) -> None:
        for minutes in (-5, 60, None):
            ticket = queued(due=minutes)
            copies = [Ticket(**_columns(ticket)) for _ in range(PAGE_SIZE)]
            Ticket.objects.bulk_create(copies)
        order = ["-number"] if query else ["order_at", "severity_rank", "number"]
        numbers = list(Ticket.objects.order_by(*order).values_list("number", flat=True))
        there = self.walk(viewer, f"all/{query}")
        assert [number for each in there for number in each] == numbers
        assert [len(each) for each in there] == [PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, 3]
        last = page(viewer, self.last(viewer, f"all/{query}"))
        back = self.walk(viewer, self.last(viewer, f"all/{query}"), "prev")
        assert 'rel="next"' not in last
        # The list begins with a whole page.
        assert back[-1] == numbers[:PAGE_SIZE]
        assert {number for each in back for number in each} == set(numbers)

    def last(self, client: Client, path: str) -> str:
        """The address of the last page."""
        while link := re.search(r'href="/queue/([^"]*)" rel="next"', page(client, path)):
            path = link[1].replace("&amp;", "&")
        return path

    def test_a_place_is_readable_and_keeps_its_meaning_when_its_ticket_has_gone(self, viewer: Client) -> None:
        tickets = [queued(due=60 + number) for number in range(3)]
        due = tickets[1].due_at
        assert due is not None
        place = f"{due:%Y%m%dT%H%M%S.%fZ}_medium_{tickets[1].number}"
        Ticket.objects.filter(pk=tickets[1].pk).update(tier=2)
        assert listed(page(viewer, f"1/?after={place}")) == [tickets[2].number]
        assert listed(page(viewer, f"1/?after=answered_high_{tickets[1].number}")) == []
        assert "Show its first page" in page(viewer, "1/?after=paused_low_9")

    @pytest.mark.parametrize(
        "query",
        [
            "after=x",
            "after=",
            "before=7",
            "after=answered_terrible_7",
            "after=sometime_high_7",
            "after=20261399T000000.000000Z_high_7",
            "after=20260101T000000.000000Z_high_99999999999999999999",
            "status=any&after=answered_high_7",
            "before=%00",
        ],
    )
    def test_a_wrong_place_is_said_in_words(self, viewer: Client, query: str) -> None:
        queued()
        html = page(viewer, f"all/?{query}", 422)
        assert "There is no place “" in html
        assert listed(html) == []


def _columns(ticket: Ticket) -> dict[str, object]:
    names = ("title", "tier_id", "due_at", "due_clock", "at_risk_at", "first_response_at", "reporter")
    return {name: getattr(ticket, name) for name in names}


class TestEmpty:
    @pytest.mark.parametrize(
        ("path", "says"),
        [
            ("1/", "No tickets in tier 1"),
            ("mine/", "You have no tickets"),
            ("unassigned/", "Every ticket has an assignee"),
            ("breaching/", "No target is about to be missed"),
            ("all/", "No tickets"),
        ],
    )
    def test_each_queue_says_why_it_is_empty(self, viewer: Client, path: str, says: str) -> None:
        assert f"<h2>{says}</h2>" in page(viewer, path)

    def test_filters_that_match_nothing_can_be_taken_out_one_by_one(self, viewer: Client) -> None:
        queued()
        html = page(viewer, "1/?severity=critical&q=zz")
        assert "Nothing matches these filters" in html
        assert 'href="/queue/1/?severity=critical" aria-label="Remove filter Search: zz"' in html
        assert 'href="/queue/1/?q=zz" aria-label="Remove filter Severity: Critical"' in html
        assert 'href="/queue/1/">Clear filters</a>' in html
        assert 'href="/queue/all/?q=zz&amp;severity=critical&amp;status=any"' in html


class TestWarnings:
    def test_tickets_that_nobody_has_while_nobody_is_on_call_are_told(self, client_as: SignIn, people: People) -> None:
        client = client_as("tier1")
        for tier in (1, 1, 2):
            queued(tier=tier)
        queued(tier=3, assignee=people["tier3"])
        Tier.objects.filter(number=2).update(on_call=people["tier2"])
        html = page(client)
        assert "Tier 1 has 2 tickets that nobody has, and nobody is on call." in html
        assert 'href="/queue/1/?assignee=none"' in html
        assert "an administrator can put somebody on call" in html
        assert "Tier 2 has" not in html
        assert "Tier 3 has" not in html
        Person.objects.filter(username="tier2").update(retired_at=timezone.now())
        assert "Tier 2 has 1 ticket that nobody has, and nobody is on call." in page(client)

    def test_tickets_of_somebody_who_has_left_are_told(self, viewer: Client, people: People) -> None:
        for _ in range(2):
            queued(assignee=people["tier3"])
        assert "has left" not in page(viewer)
        Person.objects.filter(username="tier3").update(retired_at=timezone.now())
        html = page(viewer, "1/")
        assert "2 tickets still belong to somebody who has left." in html
        assert 'href="/queue/all/?assignee=tier3">tier3</a>' in html


class TestPart:
    def test_htmx_gets_the_list_alone_and_the_address_without_empty_parts(self, viewer: Client) -> None:
        queued(severity="high")
        answer = viewer.get("/queue/1/?q=&severity=high&tag=", headers={**HTMX, "HX-Trigger": "filters"})
        assert answer["HX-Push-Url"] == "/queue/1/?severity=high"
        html = answer.content.decode()
        assert "<html" not in html
        assert 'id="tab-count-1" hx-swap-oob="true">1</span>' in html
        assert 'id="queue-warnings" hx-swap-oob="true"' in html
        assert "HX-Push-Url" not in viewer.get("/queue/1/", headers={**HTMX, "HX-Trigger": "queue-pill"})
        assert "<html" in page(viewer, headers={**HTMX, "HX-History-Restore-Request": "true"})

    def test_the_queries_do_not_grow_with_the_tickets(
        self, client_as: SignIn, people: People, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        tier1 = client_as("tier1")
        for number in range(12):
            queued(str(number), tags=(str(number),), assignee=people["tier1"] if number % 2 else people["tier2"])
        page(tier1)
        # Session; person with role and permissions; what stands where, with how the desk is set up; rows; two banners;
        # saved views. What is all on this page needs no query for its groups.
        with django_assert_num_queries(7):
            page(tier1)
        with django_assert_num_queries(5):
            page(tier1, headers=HTMX)
