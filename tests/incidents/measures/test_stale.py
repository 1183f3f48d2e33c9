"""That what the database notes is enough: days rolled as things happen are those that are rolled anew at the end."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection

from incidents.actions import assignment, editing, statuses
from incidents.measures import rolling, rows
from incidents.models import Entry, PersonDay, ResponseTarget, Stint, Ticket, TicketDay
from incidents.models.entry import HAD
from tests.incidents.actions.conftest import Wall
from tests.incidents.actions.ledger import RESOLUTION, around_the_clock
from tests.incidents.actions.test_any_life import Life
from tests.incidents.made import open_one
from tests.incidents.reading import NINE, again
from zbmaint.access.models import Person
from zbmaint.audit.record import record
from zbmaint.rollup import days
from zbmaint.rollup import rolling as rollup
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
STEPS = 12


@pytest.fixture(autouse=True)
def _tickets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = rollup.Kind(rolling.KIND, rolling.roll, rolling.first)
    monkeypatch.setattr(rollup, "_kinds", {rolling.KIND: kind})


def everything() -> list[Any]:
    return [*TicketDay.objects.order_by("pk").values(), *PersonDay.objects.order_by("pk").values()]


def noted(wall: Wall) -> set[dt.date]:
    """The days that are; the database's own clock is ahead of the one on the wall."""
    moments = Stale.objects.filter(kind=rolling.KIND, at__lte=wall.now).values_list("at", flat=True)
    return {days.day_of(at) for at in moments}


@pytest.mark.parametrize("seed", range(2))
def test_a_life_that_is_rolled_as_it_goes_is_the_same_when_it_is_rolled_at_the_end(
    seed: int, wall: Wall, team: dict[str, Person]
) -> None:
    for severity, minutes in RESOLUTION.items():
        ResponseTarget.objects.filter(severity=severity).update(resolution_minutes=minutes)
    chance = random.Random(f"rolled {seed}")
    life = Life(chance, team, wall, around_the_clock())
    for _ in range(STEPS):
        life.pass_time()
        if chance.random() < 0.3:  # else what the clocks have passed is written down late
            life.tick()
        life.act()
        rollup.roll_stale(wall.now)
    as_it_went = everything()
    assert rollup.rebuild(rolling.KIND, None, wall.now) > 2, life.log
    assert everything() == as_it_went, life.log


def test_another_severity_is_that_of_every_day_on_which_the_ticket_was_open(
    wall: Wall, team: dict[str, Person]
) -> None:
    ticket = open_one()
    wall.on(days=6)
    rollup.roll_stale(wall.now)
    assert not noted(wall)
    editing.set_severity(ticket.number, "high", actor=team["ann"])
    first = NINE.date()
    assert noted(wall) == set(days.each(first, wall.now.date()))
    rollup.roll_stale(wall.now)
    open_as = TicketDay.objects.filter(tier=1, open=1).exclude(severity="").values_list("day", "severity")
    assert list(open_as.order_by("day")) == [(day, "high") for day in days.each(first, wall.now.date())]


def test_another_assignee_leaves_the_days_in_which_it_was_open_alone(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(days=6)
    rollup.roll_stale(wall.now)
    editing.edit(ticket.number, {"title": "Nobody can print at all"}, actor=team["ann"], seen=again(ticket).version)
    assert noted(wall) <= {NINE.date(), wall.now.date()}


def test_who_had_a_ticket_is_known_under_another_username_too(wall: Wall, team: dict[str, Person]) -> None:
    ticket = assignment.claim(open_one().number, actor=team["ann"])
    wall.on(days=2)
    assignment.assign(ticket.number, team["ada"], actor=team["ann"])
    rollup.roll_stale(wall.now)
    as_it_was = everything()
    ann = team["ann"]
    Person.objects.filter(pk=ann.pk).update(username="anna")
    Person.objects.filter(pk=team["ben"].pk).update(username="ann")  # whoever has the name now had no ticket
    rollup.rebuild(rolling.KIND, None, wall.now)
    assert everything() == as_it_was
    first = rows.backlog(rows.scope_of(NINE.date(), NINE.date()))
    assert list(first.values_list("holder", flat=True)) == [ann.pk]
    # An entry of before people were kept by number has a name alone, which is nobody's any more.
    Entry.objects.filter(ticket=ticket, data__has_key=HAD).update(data={"changed": {"assignee": ["gone", "ada"]}})
    assert list(first.values_list("holder", flat=True)) == [rows.SOMEBODY]
    assert not rows.backlog_unassigned(rows.scope_of(NINE.date(), NINE.date())).exists()
    wall.on(hours=1)
    record("person_changed", ann, None, before={"username": "gone"}, after={"username": "ann"})
    assert list(first.values_list("holder", flat=True)) == [ann.pk]


def test_a_reopened_ticket_was_not_resolved_on_the_day_on_which_it_was(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    wall.on(days=1)
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="Restarted it")
    resolved = wall.now.date()
    wall.on(days=3)
    rollup.roll_stale(wall.now)
    day = TicketDay.objects.filter(day=resolved, tier=0, severity="")
    assert list(day.values_list("resolved", "open")) == [(1, 0)]
    statuses.reopen(ticket.number, actor=team["ann"], reason="It is back")
    assert noted(wall) == {NINE.date(), resolved, wall.now.date()}
    rollup.roll_stale(wall.now)
    assert list(day.values_list("resolved", "open")) == [(0, 0)]
    assert TicketDay.objects.get(day=wall.now.date(), tier=0, severity="").open == 1


def test_the_first_day_is_that_of_the_first_ticket_or_the_first_of_which_none_was_purged(
    wall: Wall, team: dict[str, Person]
) -> None:
    assert rolling.first() is None
    open_one()
    wall.on(days=10)
    assert rolling.first() == NINE.date()
    wall.on(days=1100)
    assert rolling.first() == wall.now.date() - dt.timedelta(days=1099)


def test_a_stay_that_ends_before_it_begins_covers_nothing(wall: Wall, team: dict[str, Person]) -> None:
    """A server's clock that was set back must not keep anybody from ending a ticket."""
    ticket = open_one()
    Stint.objects.filter(ticket=ticket).update(left_at=NINE - dt.timedelta(seconds=1))
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=NINE, status="resolved")
    rolling.roll(NINE.date(), NINE + dt.timedelta(hours=1))
    row = TicketDay.objects.get(day=NINE.date(), tier=0, severity="")
    assert (row.open, row.opened, row.resolved) == (0, 1, 1)


STAYS = """
INSERT INTO incidents_stint (ticket_id, tier_id, how, criterion, reason, entered_at, left_at, calendar,
    response_seconds, response)
SELECT %(ticket)s, 1, 'opened', '', '', began, began + interval '30 minutes', '{}', 60, ''
FROM generate_series(%(since)s - interval '3000 hours', %(since)s - interval '1 hour', interval '1 hour') AS began
"""


def test_what_is_open_at_a_moment_is_found_by_the_index_of_stays(wall: Wall, team: dict[str, Person]) -> None:
    scope = rows.Scope(NINE, NINE + dt.timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(STAYS, {"ticket": open_one().pk, "since": NINE})
        cursor.execute("ANALYZE incidents_stint")
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "Index Cond: (tstzrange(" in rows.backlog(scope).explain()
