"""The filters of the queue as a thing: what they read, what they make of it, what it costs."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from pytest_django import DjangoAssertNumQueries

from incidents.forms.queue_cursor import Cursor, cursor_of, read_cursor
from incidents.forms.queue_filter import QueueFilter
from incidents.models import Ticket
from tests.incidents.queueing import queued
from zbmaint.access.models import Person


@pytest.fixture
def lead(people: dict[str, Person]) -> Person:
    return people["lead"]


def test_the_query_string_has_what_is_in_force_and_nothing_else(lead: Person) -> None:
    filters = QueueFilter(QueryDict("severity=high&q= disk &tag=&status=open"), lead)
    assert filters.errors == []
    assert filters.values == {"q": "disk", "severity": "high", "status": "open"}
    assert filters.query() == "q=disk&severity=high&status=open"
    assert filters.query(q="", after="x_y") == "severity=high&status=open&after=x_y"


def test_each_filter_in_force_is_a_chip_in_words(lead: Person) -> None:
    filters = QueueFilter(QueryDict("status=in_progress&assignee=none&severity=low"), lead)
    assert [(chip.text, chip.without) for chip in filters.chips()] == [
        ("Severity: Low", "status=in_progress&assignee=none"),
        ("Status: In progress", "severity=low&assignee=none"),
        ("Assignee: nobody", "severity=low&status=in_progress"),
    ]


def test_it_asks_only_for_choices_that_are_needed(
    lead: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        QueueFilter(QueryDict("severity=high&status=any&q=disk"), lead)
    with django_assert_num_queries(1):
        filters = QueueFilter(QueryDict("assignee=lead"), lead)
    with django_assert_num_queries(0):
        assert [select.name for select in filters.selects()] == ["severity", "status", "assignee", "tag", "category"]


@pytest.mark.parametrize("status", ["any", "resolved", "closed"])
def test_with_finished_tickets_the_newest_stand_first(lead: Person, status: str) -> None:
    assert QueueFilter(QueryDict(f"status={status}"), lead).order == ("-number",)
    assert QueueFilter(QueryDict("status=open"), lead).order == ("order_at", "severity_rank", "number")


def test_on_the_first_page_it_is_the_same_but_for_the_place(lead: Person) -> None:
    filters = QueueFilter(QueryDict("severity=high&before=answered_high_7"), lead)
    assert filters.place == {"before": "answered_high_7"}
    first = filters.on_first_page()
    assert (first.place, first.backwards, first.query()) == ({}, False, "severity=high")
    assert filters.backwards


class TestCursor:
    @pytest.mark.parametrize("text", ["answered_high_7", "paused_low_1193", "20260405T031600.000123Z_critical_1193"])
    def test_what_it_reads_it_writes(self, text: str) -> None:
        assert str(read_cursor(text, newest=False)) == text

    def test_by_number_alone_it_is_a_number(self) -> None:
        assert read_cursor("7", newest=True) == Cursor(7)
        assert read_cursor("7", newest=False) is None
        assert read_cursor("answered_high_7", newest=True) is None

    def test_it_is_the_exact_place_of_its_ticket(self, db: None) -> None:
        tickets = [queued(due=due) for due in (-3, 60, None)]
        for place, ticket in enumerate(tickets):
            cursor = read_cursor(str(cursor_of(ticket, newest=False)), newest=False)
            assert cursor is not None
            after = Ticket.objects.filter(cursor.beyond(backwards=False)).in_queue_order()
            before = Ticket.objects.filter(cursor.beyond(backwards=True)).in_queue_order()
            assert list(after) == tickets[place + 1 :]
            assert list(before) == tickets[:place]
