"""Adding days up, each time with one query."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from incidents.measures import reading
from incidents.models import PersonDay, TicketDay
from zbmaint.access.models import Person
from zbmaint.rollup.spread import pack

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 6, 1)
LAST = FIRST + dt.timedelta(days=3)


def day(number: int, tier: int = 0, severity: str = "", **facts: Any) -> None:
    TicketDay.objects.create(day=FIRST + dt.timedelta(days=number), tier=tier, severity=severity, **facts)


@pytest.fixture
def three(db: None) -> None:
    """Three days of four, of which the last one has nothing of tier 2; and days around them."""
    day(-1, opened=100, open=100)
    day(0, opened=3, open=3, answers=pack([10, 30]), open_age_oldest=9)
    day(0, 2, opened=1, open=1)
    day(0, 2, "high", opened=1, open=1)
    day(1, opened=4, open=5, answers=pack([20]), resolutions=pack([7]))
    day(1, 2, opened=2, open=2, responses_met=1)
    day(1, 2, "low", opened=2, open=2, responses_met=1)
    day(1, 0, "low", opened=2, open=2)
    day(2, open=4, open_unassigned=1, open_age_oldest=77)
    day(4, opened=100)


@pytest.mark.usefixtures("three")
class TestRead:
    def test_what_happened_adds_up_and_the_backlog_is_that_of_the_last_day_that_is_known(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            found = reading.read(FIRST, LAST)
        assert (found.days, found.counts.opened, found.counts.resolved) == (3, 7, 0)
        assert (found.answers.quantile(0.5), found.answers.number, found.resolutions.total) == (20, 3, 7)
        assert found.backlog == reading.Backlog(
            FIRST + dt.timedelta(days=2), open=4, open_unassigned=1, open_age_oldest=77
        )

    def test_of_a_tier_nothing_was_left_when_the_last_day_has_no_row_of_it(self) -> None:
        found = reading.read(FIRST, LAST, 2)
        assert (found.days, found.counts.opened, found.counts.responses_met) == (3, 3, 1)
        assert found.backlog == reading.Backlog(FIRST + dt.timedelta(days=2))

    def test_of_days_that_are_not_rolled_up_nothing_is_known(self) -> None:
        found = reading.read(LAST, LAST)
        assert (found.days, found.backlog, found.counts) == (0, None, reading.Counts())

    def test_each_day_says_whether_it_is_known(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            found = reading.by_day(FIRST, LAST, 2)
        assert [each.counts and each.counts.opened for each in found] == [1, 2, 0, None]
        assert [each.backlog and each.backlog.open for each in found] == [1, 2, 0, None]

    def test_by_tier_and_severity(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            assert {tier: found.counts.opened for tier, found in reading.by_tier(FIRST, LAST).items()} == {2: 3}
        with django_assert_num_queries(1):
            both = reading.by_tier_and_severity(FIRST, LAST)
        assert {grain: found.counts.opened for grain, found in both.items()} == {(2, "high"): 1, (2, "low"): 2}
        with django_assert_num_queries(1):
            assert {name: found.days for name, found in reading.by_severity(FIRST, LAST).items()} == {"low": 3}
        assert {name: found.counts.opened for name, found in reading.by_severity(FIRST, LAST, 2).items()} == {
            "high": 1,
            "low": 2,
        }
        assert {tier: found.counts.opened for tier, found in reading.by_tier(FIRST, LAST, "low").items()} == {2: 2}

    def test_people_have_sums_and_what_they_had_at_the_end(
        self, people: dict[str, Person], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number, (answered, has) in enumerate([(1, 5), (2, 4), (0, 3)]):
            facts = {"answered": answered, "open": has}
            PersonDay.objects.create(day=FIRST + dt.timedelta(days=number), person=people["tier1"], **facts)
        PersonDay.objects.create(day=FIRST, person=people["tier2"], open=8)
        PersonDay.objects.create(day=FIRST, person=people["lead"], resolved=1, open=1)
        with django_assert_num_queries(1):
            found = reading.by_person(FIRST, LAST)
        assert [(each.username, each.answered, each.resolved, each.open) for each in found] == [
            ("lead", 0, 1, 0),
            ("tier1", 3, 0, 3),
        ]
