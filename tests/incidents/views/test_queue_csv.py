"""The queue as a CSV file: the same tickets as its pages, of any number, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, connection
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory, TestCase
from django.utils import timezone
from psycopg.pq import TransactionStatus
from pytest_django import DjangoAssertNumQueries

from incidents.actions.statuses import resolve
from incidents.models import Category, Ticket
from incidents.views.queue_csv import COLUMNS, INCOMPLETE, WRITTEN, csv_of, queue_csv
from tests.conftest import make_people, signed_in
from tests.incidents.queueing import queued
from tests.incidents.views.test_queue import HTMX, listed, page
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
People = dict[str, Person]
MOMENTS = {
    "accepted_at": "accepted",
    "created_at": "created",
    "updated_at": "updated",
    "due_at": "due",
    "paused_until": "paused_until",
    "first_response_at": "first_response",
    "resolved_at": "resolved",
    "closed_at": "closed",
}


def read(client: Client, query: str = "") -> list[dict[str, str]]:
    """The lines of the file."""
    answer = client.get(f"/queue.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))


def numbers(client: Client, query: str = "") -> list[int]:
    return [int(line["number"]) for line in read(client, query)]


def walked(client: Client, path: str) -> list[int]:
    """The tickets on all pages of a list."""
    found: list[int] = []
    while True:
        html = page(client, path)
        found += listed(html)
        link = re.search(r'href="/queue/([^"]*)" rel="next"', html)
        if link is None:
            return found
        path = link[1].replace("&amp;", "&")


@pytest.fixture
def lead(client_as: SignIn) -> Client:
    return client_as("lead")


class TestOfAllPages(TestCase):
    """One queue of two pages, read in many ways."""

    people: ClassVar[People]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        lead, bug = cls.people["lead"], Category.objects.get(key="bug")
        for number in range(54):
            facts: dict[str, Any] = {
                "severity": ("low", "high")[number % 2],
                "tier": 1 + number % 3 // 2,
                "tags": ("e-mail",) if number % 4 < 2 else (),
                "category": bug if number % 5 else None,
                "assignee": lead if number % 4 == 1 else None,
            }
            ticket = queued("Some members wait", due=(-5, 20, 90, None)[number % 4], **facts)
            if number % 9 == 0:
                resolve(ticket.number, actor=lead, code="fixed", note="x")

    def test_they_are_those_of_all_pages_of_the_list_in_its_order(self) -> None:
        lead = signed_in(self.people["lead"])
        for tab, query in (
            ("all", ""),
            ("all", "status=any"),
            ("all", "status=resolved&severity=high"),
            ("all", "q=members&tag=e-mail"),
            ("1", "severity=high"),
            ("2", ""),
            ("mine", "status=any"),
            ("unassigned", "category=bug"),
            ("breaching", "assignee=none"),
        ):
            expected = walked(lead, f"{tab}/?{query}")
            assert expected, (tab, query)
            assert numbers(lead, f"?tab={tab}&{query}") == expected, (tab, query)


class TestRows:
    def test_without_a_tab_it_is_ones_own_queue(self, client_as: SignIn, people: People) -> None:
        Person.objects.filter(username="tier2").update(tier=2)
        first, second = queued(due=1), queued(due=2, tier=2)
        assert numbers(client_as("tier2")) == [second.number]
        assert numbers(client_as("viewer")) == [first.number, second.number]

    def test_a_line_says_all_of_a_ticket(self, lead: Client, people: People) -> None:
        moments = {name: dt.datetime(2026, 3, day, 7, 5, 9, 999, dt.UTC) for day, name in enumerate(MOMENTS, 1)}
        seconds = {"resolution_seconds": 9, "resolution_business_seconds": 8, "resolution_net_seconds": 7}
        ticket = queued(
            'Déjà "vu", twice', severity="high", tier=3, tags=("b", "a"), category=Category.objects.get(key="bug")
        )
        Ticket.objects.filter(pk=ticket.pk).update(
            assignee=people["tier3"], status="closed", resolution_code="fixed", due_clock="resolution",
            **moments, **seconds,
        )  # fmt: skip
        days = {column: f"2026-03-{day:02}T07:05:09Z" for day, column in enumerate(MOMENTS.values(), 1)}
        [line] = read(lead, "?tab=3&status=closed")
        assert list(line) == list(COLUMNS)
        assert line == days | {name: str(value) for name, value in seconds.items()} | {
            "number": str(ticket.number), "title": 'Déjà "vu", twice', "severity": "high", "status": "closed",
            "tier": "3", "assignee": "tier3", "reporter": "member 12", "category": "bug",
            "tags": " ".join(ticket.tags), "due_clock": "resolution", "resolution_code": "fixed",
        }  # fmt: skip

    def test_what_a_ticket_does_not_have_is_empty(self, lead: Client) -> None:
        queued(due=None)
        [line] = read(lead, "?tab=all")
        empty = {"assignee", "accepted", "category", "tags", "due", "due_clock", "paused_until", "resolved", "closed"}
        empty |= {name for name in COLUMNS if name.startswith("resolution_")}
        assert {name for name, value in line.items() if not value} == empty

    def test_a_queue_without_tickets_has_the_names_of_its_columns(self, lead: Client) -> None:
        assert lead.get("/queue.csv").getvalue().decode() == ",".join(COLUMNS) + "\r\n"

    @pytest.mark.parametrize("count", [1, 120])
    def test_they_take_one_query_whatever_their_number(
        self, lead: Client, people: People, django_assert_num_queries: DjangoAssertNumQueries, count: int
    ) -> None:
        for number in range(count):
            queued(assignee=people["lead"] if number % 2 else people["tier1"], tags=(str(number),))
        numbers(lead)
        # Person with role; permissions; rows.
        with django_assert_num_queries(3):
            assert len(numbers(lead, "?tab=all")) == count


class TestFormulas:
    def test_no_cell_with_text_of_people_is_one(self, lead: Client) -> None:
        ticket = queued('=HYPERLINK("https://example.org";"x")')
        Ticket.objects.filter(pk=ticket.pk).update(reporter=" @rudo", tags=["-a", "b"])
        [line] = read(lead, "?tab=all")
        assert line["title"] == '\'=HYPERLINK("https://example.org";"x")'
        assert line["reporter"] == "' @rudo"
        assert line["tags"] == "'-a b"


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("tab=4", "There is no queue “4”. Choose one of: 1, 2, 3, mine, unassigned, breaching, all."),
            ("tab=", "There is no queue “”."),
            ("tab=1%00", "There is no queue “1\ufffd”."),
            ("tab=1&tab=2", "The filter tab is given more than once."),
            ("severity=terrible", "There is no severity “terrible”. Choose one of: critical,"),
            ("tab=1&tag=nowhere", "There is no tag “nowhere”."),
            ("colour=red", "There is no filter “colour”."),
            ("tab=1&after=answered_high_7", "There is no filter “after”."),
            ("q=!!!", "There is no word to look for in “!!!”"),
            ("tab=4&severity=terrible", "There is no severity “terrible”."),
        ],
    )
    def test_what_means_nothing_is_said_in_words(self, lead: Client, query: str, says: str) -> None:
        answer = lead.get(f"/queue.csv?{query}")
        assert answer.status_code == 422
        assert answer["Content-Type"].startswith("text/plain")
        assert says in answer.content.decode()

    def test_a_tab_is_no_filter_of_the_page(self, lead: Client) -> None:
        assert "There is no filter “tab”." in page(lead, "all/?tab=1", 422)

    def test_it_is_only_read(self, lead: Client) -> None:
        assert lead.post("/queue.csv").status_code == 405


class TestStream:
    def test_it_is_a_file_named_for_its_queue_that_no_cache_keeps(self, lead: Client) -> None:
        answer = lead.get("/queue.csv?tab=breaching")
        assert answer.streaming
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Cache-Control"] == "no-store"
        name = re.fullmatch(
            r'attachment; filename="queue-breaching-(\d{8}T\d{6}Z)\.csv"', answer["Content-Disposition"]
        )
        assert name is not None
        at = dt.datetime.strptime(name[1], "%Y%m%dT%H%M%S%z")
        assert abs(timezone.now() - at) < dt.timedelta(minutes=1)

    def test_it_leaves_in_pieces_of_a_bounded_size(self) -> None:
        taken = []

        def rows() -> Iterator[tuple[Any, ...]]:
            for number in range(WRITTEN * 10):
                taken.append(number)
                yield (number,)

        pieces = csv_of(rows())
        assert len(next(pieces).splitlines()) == 1 + WRITTEN
        assert len(taken) == WRITTEN
        assert [len(piece.splitlines()) for piece in pieces] == [WRITTEN] * 9 + [0]

    def test_one_that_is_cut_short_says_so_in_its_last_line(self) -> None:
        def rows() -> Iterator[tuple[Any, ...]]:
            yield (1,)
            raise DatabaseError("the server has gone")

        assert "".join(csv_of(rows())).splitlines()[1:] == ["1", INCOMPLETE]

    @pytest.mark.django_db(transaction=True)
    def test_a_client_that_hangs_up_leaves_no_cursor_and_no_transaction(self, people: People) -> None:
        first = queued()
        copies = [Ticket(title=f"{n}", tier_id=1, reporter="x", due_at=first.due_at) for n in range(WRITTEN * 5)]
        Ticket.objects.bulk_create(copies)
        request = RequestFactory().get("/queue.csv?tab=all")
        request.user = people["lead"]
        answer = queue_csv(request)
        assert isinstance(answer, StreamingHttpResponse)
        piece = next(iter(answer))
        assert len(piece.splitlines()) == 1 + WRITTEN
        assert open_cursors() == 1
        assert status() == TransactionStatus.IDLE  # nor does a slow client keep one open
        answer.close()  # as the server does then
        assert open_cursors() == 0
        assert status() == TransactionStatus.IDLE
        assert sum(len(each.splitlines()) for each in queue_csv(request)) == 1 + len(copies) + 1
        assert open_cursors() == 0


def open_cursors() -> int:
    """The named ones of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name <> ''")
        return int(cursor.fetchone()[0])


def status() -> TransactionStatus:
    assert connection.connection is not None
    return TransactionStatus(connection.connection.info.transaction_status)


class TestButton:
    def link(self, html: str) -> str:
        found = re.search(r'href="([^"]*)">(?:(?!</a>).)*</svg>Export</a>', html)
        assert found is not None
        return found[1].replace("&amp;", "&")

    @pytest.mark.parametrize("headers", [None, HTMX])
    def test_it_leads_to_the_tickets_that_are_listed(self, lead: Client, headers: dict[str, str] | None) -> None:
        for severity in ("low", "high", "high"):
            queued("Some members wait", severity=severity)
        html = page(lead, "1/?severity=high&q=members", headers=headers)
        assert self.link(html) == "/queue.csv?q=members&severity=high&tab=1"
        assert numbers(lead, self.link(html).removeprefix("/queue.csv")) == listed(html)

    def test_on_a_later_page_it_leads_to_all_of_them(self, lead: Client) -> None:
        first, second = queued(due=60), queued(due=61)
        assert first.due_at is not None
        html = page(lead, f"all/?after={first.due_at:%Y%m%dT%H%M%S.%fZ}_medium_{first.number}")
        assert listed(html) == [second.number]
        assert self.link(html) == "/queue.csv?tab=all"
