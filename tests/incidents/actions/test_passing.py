"""What clocks pass is written down once, with its moment, whenever the ticker comes by."""

from __future__ import annotations

import pytest

from incidents.actions import passing, statuses
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import open_one
from tests.incidents.reading import after, again, events, everything, stint, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db

ALL = [("response", 50, after(hours=2)), ("response", 80, after(hours=3.2)), ("response", 100, after(hours=4))]


def test_each_is_recorded_when_it_has_come(wall: Wall) -> None:
    ticket = open_one()
    seen = []
    for hours in (1, 1, 1, 1, 1):
        passing.record_passed(wall.on(hours=hours))
        seen.append(len(events(ticket)))
    assert seen == [0, 1, 1, 3, 3]
    assert events(ticket) == ALL
    assert told(ticket, "clock") == [
        "first response at 50 % of its target",
        "first response at 80 % of its target",
        "first response target missed",
    ]


def test_a_ticker_that_was_away_loses_nothing_and_dates_nothing_late(wall: Wall) -> None:
    ticket = open_one()
    assert passing.record_passed(wall.on(days=3)) == 1
    assert events(ticket) == ALL
    assert stint(ticket).breached_at == after(hours=4)
    assert [entry.data["moment"] for entry in ticket.entries.filter(kind="clock")] == [at.isoformat() for *_, at in ALL]


def test_however_often_it_comes_it_is_recorded_once(wall: Wall) -> None:
    ticket = open_one()
    wall.on(hours=5)
    passing.record_passed(wall.now)
    before = everything(ticket)
    assert [passing.record_passed(wall.on(hours=1)) for _ in range(3)] == [0, 0, 0]
    assert everything(ticket) == before


def test_the_miss_stays_what_is_due(wall: Wall) -> None:
    ticket = open_one()
    passing.record_passed(wall.on(hours=5))
    assert (again(ticket).due_at, again(ticket).next_clock_at) == (after(hours=4), None)


def test_what_is_resolved_passes_nothing(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(hours=1)
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
    assert passing.record_passed(wall.on(days=9)) == 0
    assert events(ticket) == []


def test_one_that_was_asked_for_too_early_is_not_asked_for_all_the_time(wall: Wall) -> None:
    ticket = open_one()
    Ticket.objects.update(next_clock_at=after(minutes=1))
    assert passing.record_passed(wall.on(minutes=2)) == 1
    assert (again(ticket).next_clock_at, again(ticket).version) == (after(hours=2), 1)
    assert passing.record_passed(wall.on(minutes=2)) == 0


def test_one_that_cannot_be_counted_keeps_no_other_from_being(wall: Wall) -> None:
    broken, other = open_one(severity="critical"), open_one()
    broken.stints.update(calendar={"zone": "Atlantis/Capital", "week": [[[0, 1440]]] * 7, "holidays": []})
    assert passing.record_passed(wall.on(hours=5)) == 1
    assert events(broken) == []
    assert events(other) == ALL
