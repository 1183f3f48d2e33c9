"""Which part of a period a page may count, and paging through what is behind a figure."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from incidents.actions import statuses
from incidents.measures import rolling, rows
from incidents.models import ClockEvent, Stint, Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import open_one
from tests.incidents.reading import NINE, stint
from zbmaint.access.models import Person
from zbmaint.rollup.models import Rolled

pytestmark = pytest.mark.django_db
MONDAY = NINE.date()


def test_of_today_only_what_is_rolled_is_counted(wall: Wall) -> None:
    open_one()
    Rolled.objects.create(kind=rolling.KIND, until=MONDAY, at=wall.now)
    wall.on(minutes=1)
    open_one()
    scope = rows.scope_of(MONDAY, MONDAY)
    assert scope.last == NINE
    assert [rows.opened(scope).count(), rows.backlog(scope).count()] == [1, 1]
    rolling.roll(MONDAY, wall.now)
    Rolled.objects.update(at=wall.now)
    assert rows.opened(rows.scope_of(MONDAY, MONDAY)).count() == 2


def test_a_period_that_is_over_ends_with_it(wall: Wall) -> None:
    Rolled.objects.create(kind=rolling.KIND, until=MONDAY, at=wall.now)
    before = rows.scope_of(MONDAY - dt.timedelta(days=2), MONDAY - dt.timedelta(days=1))
    assert before.ends == dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert (before.ends - before.begins).days == 2


def test_rows_are_read_on_from_one_newest_first(wall: Wall, team: dict[str, Person]) -> None:
    """Also where several are of the same moment."""
    numbers = []
    for name in range(5):
        numbers.append(open_one(title=f"Ticket {name}").number)
        wall.on(minutes=name % 2)
    for number in numbers:
        statuses.resolve(number, actor=team["ann"], code="fixed", note="Done")
    scope = rows.Scope(NINE, timezone.now() + dt.timedelta(minutes=1))
    for find in (rows.ROWS[name] for name in ("opened", "resolved")):
        found = list(find(scope))
        assert [rows.ticket_of(row).number for row in found] == numbers[::-1]
        at = found[1]
        key = at.number if isinstance(at, Ticket) else at.pk
        assert list(rows.before(find(scope), at.moment, key)) == found[2:]


def test_every_row_leads_to_its_ticket(wall: Wall) -> None:
    ticket = open_one()
    facts = {"clock": "resolution", "threshold": 100, "moment": NINE, "recorded_at": NINE}
    ClockEvent.objects.create(stint=stint(ticket), **facts)
    Stint.objects.update(responded_at=NINE)
    Ticket.objects.update(first_response_at=NINE)
    scope = rows.Scope(NINE, NINE + dt.timedelta(minutes=1))
    for find in (rows.opened, rows.first_answers, rows.answers_of_tiers, rows.resolutions_missed, rows.backlog):
        assert [rows.ticket_of(row) for row in find(scope)] == [ticket]


def test_a_ticket_misses_its_target_once_by_the_first_time_that_stands(wall: Wall) -> None:
    """A later tier's target may be a longer one, which passes again."""
    ticket = open_one()
    now = stint(ticket)
    stay = {"tier_id": 2, "how": "escalated", "entered_at": NINE, "left_at": NINE, "response_seconds": 60}
    later = Stint.objects.create(ticket=ticket, **stay)
    facts = {"clock": "resolution", "threshold": 100, "recorded_at": NINE}
    first = ClockEvent.objects.create(stint=now, moment=NINE, **facts)
    second = ClockEvent.objects.create(stint=later, moment=NINE + dt.timedelta(hours=1), **facts)
    scope = rows.Scope(NINE, NINE + dt.timedelta(days=1))
    assert list(rows.resolutions_missed(scope)) == [first]
    ClockEvent.objects.filter(pk=first.pk).update(void_at=NINE)
    assert list(rows.resolutions_missed(scope)) == [second]
