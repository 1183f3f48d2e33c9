"""Tickets that are opened at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from incidents.actions import handing
from incidents.models import Responder, Ticket, Tier
from tests.incidents.desk import rule, somebody, ticket
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person
from zbmaint.queue.marks import in_turn, mark, marks_of_others

pytestmark = pytest.mark.usefixtures("installed")


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Do all of it at once, each with a connection of its own; returns what went wrong."""
    start, wrong = threading.Barrier(len(works)), []

    def begin(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as problem:
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def test_ten_at_once_for_two_people_end_five_and_five() -> None:
    one, other, absent = (somebody(name, 1) for name in ("a.moyo", "t.ncube", "k.dlamini"))
    Responder.objects.create(person=absent, open_cap=0)
    rule("all")
    assert together(*[lambda number=number: ticket(title=f"Number {number}") for number in range(10)]) == []
    assert Counter(Ticket.objects.values_list("assignee", flat=True)) == {one.pk: 5, other.pk: 5}


def test_a_cap_is_kept_by_tickets_that_come_together() -> None:
    one = somebody("a.moyo", 1)
    Tier.objects.filter(pk=1).update(open_cap=3)
    rule("to a.moyo", "person", person=one)
    assert together(*[lambda number=number: ticket(title=f"Number {number}") for number in range(8)]) == []
    assert Ticket.objects.filter(assignee=one).count() == 3


def test_what_is_not_committed_yet_counts_and_nobody_waits_for_its_end() -> None:
    one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
    rule("all")
    got: list[Person | None] = []
    with transaction.atomic():
        assert ticket(title="First").assignee == one
        assert together(lambda: got.append(ticket(title="Second").assignee)) == []
        assert got == [other]
        transaction.set_rollback(True)
    # What was undone does not count.
    assert ticket(title="Third").assignee == one


def test_a_run_that_raises_several_alerts_and_a_person_who_escalates_one_do_not_wait_in_a_circle() -> None:
    """The run has opened a ticket and wants one that the person holds, who needs the loads to hand it on."""
    somebody("a.moyo", 1)
    tier2 = somebody("k.dlamini", 2)
    lead = somebody("a.lead", None)
    rule("all")
    held = make_ticket(key="b")
    opened, holds = threading.Event(), threading.Event()

    @transaction.atomic
    def run() -> None:
        make_ticket(key="a")
        opened.set()
        assert holds.wait(30)
        make_ticket(key="b")

    @transaction.atomic
    def person() -> None:
        assert opened.wait(30)
        Ticket.objects.select_for_update().get(pk=held.pk)
        holds.set()
        handing.escalate(held.number, actor=lead, criterion="System outages", reason="It is down.")

    assert together(run, person) == []
    held.refresh_from_db()
    assert (held.assignee, held.occurrences) == (tier2, 2)


class TestMarks:
    def test_they_are_seen_by_others_until_the_transaction_ends(self) -> None:
        seen: list[set[tuple[int, int]]] = []

        def look() -> None:
            seen.append(marks_of_others())

        with transaction.atomic():
            mark((7, 2**31 + 5))
            assert marks_of_others() == set()
            assert together(look) == []
        assert together(look) == []
        assert seen == [{(7, 5)}, set()]

    def test_a_turn_is_given_back_when_its_block_fails_also_in_a_transaction(self) -> None:
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError), in_turn("test"):
                raise ZeroDivisionError
            with pytest.raises(Exception, match="does not exist"), in_turn("test"), connection.cursor() as cursor:
                cursor.execute("SELECT * FROM nowhere")

            def take() -> None:
                with in_turn("test"):
                    pass

            assert together(take) == []
