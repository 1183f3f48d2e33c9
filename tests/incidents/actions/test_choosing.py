"""Who gets a new ticket, and what the ticket says about that."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.actions.choosing import active_rules, choose
from incidents.models import AssignmentRule, Calendar, Category, Entry, Responder, Ticket, Tier
from tests.incidents.desk import on_call, rule, somebody, ticket
from tests.incidents.made import make_ticket
from zbmaint.access.models import Person, Role

pytestmark = pytest.mark.django_db


def why(of: Ticket) -> Entry:
    return of.entries.get(kind=Entry.Kind.ASSIGNED)


def passed(of: Ticket) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["person"], one["why"]) for one in why(of).data["why"]["passed_over"]]


def away(person: Person, reason: str = "leave") -> None:
    until = dt.datetime(2099, 12, 3, 8, tzinfo=dt.UTC)
    Responder.objects.create(person=person, away_until=until, away_reason=reason)


class TestRules:
    def test_the_first_that_is_for_it_wins(self) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        rule("low", "person", person=one, severities=("low",))
        rule("disk", "person", person=other, tags=("disk",))
        rule("all", "person", person=one)
        opened = ticket(tags=("disk",))
        assert (opened.assignee, opened.accepted_at) == (other, None)
        facts = why(opened).data["why"]
        assert (facts["how"], facts["rule"], facts["matched"]) == ("rule", "disk", {"tags": "disk"})
        assert why(opened).text == "assigned it to t.ncube by the rule “disk”"

    def test_the_order_is_that_of_the_positions(self) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        rule("second", "person", person=one, position=20)
        rule("first", "person", person=other, position=10)
        assert ticket().assignee == other

    def test_one_that_is_switched_off_or_of_another_tier_is_not_asked(self) -> None:
        one = somebody("a.moyo", 1)
        rule("off", "person", person=one, active=False)
        AssignmentRule.objects.create(name="of tier 2", tier_id=2, assign="person", person=one)
        assert ticket().assignee is None

    def test_category_source_and_hours_count(self) -> None:
        one = somebody("a.moyo", 1)
        shut = Calendar.objects.create(name="Never now", week=_week_without_today())
        database = Category.objects.get(key="database")
        bug = Category.objects.get(key="bug")
        rule("right", "person", person=one, categories=(database, bug), source="test", when="outside", calendar=shut)
        assert make_ticket(category="database").assignee == one
        assert make_ticket(key="other", category="security").assignee is None
        assert make_ticket(key="third", category="database", source="elsewhere").assignee is None
        AssignmentRule.objects.update(when="within")
        assert make_ticket(key="fourth", category="database").assignee is None

    def test_one_for_whoever_is_on_call_names_them_by_the_rule(self) -> None:
        one = somebody("a.moyo", 1)
        on_call(1, one)
        rule("everything", "on_call")
        opened = ticket()
        assert (opened.assignee, why(opened).data["why"]["how"]) == (one, "rule")


def _week_without_today() -> list[list[list[int]]]:
    today = timezone.now().weekday()
    return [[] if (today - day) % 7 in (0, 1, 6) else [[0, 1440]] for day in range(7)]


class TestPassedOver:
    def test_a_person_who_cannot_take_it_is_passed_over_and_the_next_rule_is_asked(self) -> None:
        gone, absent, busy, other, here = (
            somebody(name, tier) for name, tier in (("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 1))
        )
        for person in (gone, absent, busy, here):
            rule(f"to {person}", "person", person=person)
        AssignmentRule.objects.create(name="to d", position=35, assign="person", person=other)
        Person.objects.filter(pk=gone.pk).update(retired_at=timezone.now())
        away(absent)
        Responder.objects.create(person=busy, open_cap=0)
        opened = ticket()
        assert opened.assignee == here
        assert passed(opened) == [
            ("to a", "a", "has left"),
            ("to b", "b", "away until 3 Dec 2099, 08:00 UTC: leave"),
            ("to c", "c", "has no open tickets, the cap is 0"),
            ("to d", "d", "is in tier 2"),
        ]

    def test_whose_role_lost_the_right_is_passed_over(self) -> None:
        one = somebody("a.moyo", 1)
        rule("all", "person", person=one)
        one.role = Role.objects.get(key="viewer")
        one.save()
        assert passed(ticket()) == [
            ("all", "a.moyo", "may not work on tickets"),
            ("", "", "nobody is on call for tier 1"),
        ]

    def test_without_a_rule_that_names_somebody_it_is_who_is_on_call_however_busy(self) -> None:
        one = somebody("a.moyo", 1)
        on_call(1, one)
        Responder.objects.create(person=one, open_cap=0)
        rule("all")
        opened = ticket()
        assert (opened.assignee, why(opened).data["why"]["how"]) == (one, "on_call")
        assert passed(opened) == [("all", "a.moyo", "has no open tickets, the cap is 0")]

    def test_nobody_is_said_with_the_reason(self) -> None:
        opened = ticket()
        assert opened.assignee is None
        assert why(opened).text == "found nobody to assign it to: nobody is on call for tier 1"

    def test_who_is_on_call_but_away_or_gone_is_passed_over(self) -> None:
        one = somebody("a.moyo", 1)
        on_call(1, one)
        away(one, "")
        opened = ticket()
        assert opened.assignee is None
        assert why(opened).text == "found nobody to assign it to: a.moyo away until 3 Dec 2099, 08:00 UTC"
        Person.objects.filter(pk=one.pk).update(retired_at=timezone.now())
        assert passed(ticket()) == [("", "a.moyo", "has left")]


class TestLeastLoaded:
    def test_open_tickets_of_the_tier_count_and_resolved_ones_do_not(self) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        somebody("of.tier2", 2)
        somebody("a.lead", None)
        for number in range(3):
            Ticket.objects.filter(pk=ticket(title=f"{number}").pk).update(assignee=one if number else other)
        Ticket.objects.filter(assignee=one).update(status="resolved", resolved_at=timezone.now())
        rule("all")
        opened = ticket()
        assert opened.assignee == one
        assert why(opened).data["why"]["matched"] == {
            "ticket": "any",
            "load": "no open tickets, the fewest of 2 available",
        }

    def test_equals_take_turns(self) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        rule("all")
        got = []
        for number in range(4):
            opened = ticket(title=f"Number {number}")
            got.append(opened.assignee)
            Ticket.objects.filter(pk=opened.pk).update(status="resolved", resolved_at=timezone.now())
        assert got == [one, other, one, other]

    def test_the_cap_is_that_of_the_person_or_of_the_tier(self) -> None:
        one, other = somebody("a.moyo", 1), somebody("t.ncube", 1)
        Tier.objects.filter(pk=1).update(open_cap=1)
        Responder.objects.create(person=other, open_cap=2)
        rule("all")
        assert [ticket(title=f"Number {number}").assignee for number in range(4)] == [one, other, other, None]

    def test_nobody_in_the_tier_is_said(self) -> None:
        rule("all")
        assert passed(ticket()) == [("all", "", "nobody is in tier 1"), ("", "", "nobody is on call for tier 1")]


def test_it_takes_the_same_queries_for_many_rules_and_people(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one = somebody("a.moyo", 1)
    on_call(1, one)
    found = Ticket.objects.select_related("tier", "category").get(pk=ticket().pk)
    now = timezone.now()
    with django_assert_num_queries(2):  # no rules; who is on call
        choose([found], now, active_rules())
    rule("one", tags=("x",), categories=(Category.objects.get(key="bug"),))
    with django_assert_num_queries(3):  # rules, their categories; who is on call
        choose([found], now, active_rules())
    for number in range(8):
        person = somebody(f"p{number}", 1)
        ticket(title=f"Number {number}")
        rule(f"to the least loaded {number}")
        rule(f"to {person}", "person", person=person)
    # Rules, categories; turn, savepoint, people, marks, tickets, end of the savepoint, end of the turn; mark.
    with django_assert_num_queries(10):
        choose([found], now, active_rules())
