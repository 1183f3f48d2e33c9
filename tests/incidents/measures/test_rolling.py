"""Days of tickets against a second way to count, on stories at random."""

from __future__ import annotations

import datetime as dt
import random
from array import array
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from incidents.measures import rolling, rows
from incidents.models import PersonDay, TicketDay
from tests.incidents.measures.oracle import figures, people
from tests.incidents.measures.stories import DAYS, LEAST, SEVERITIES, midnight, moment, story, write
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
PLACES = [
    ("UTC", "2026-06-01"),
    ("Europe/Berlin", "2026-03-28"),  # the next day has 23 hours
    ("Europe/Berlin", "2026-10-24"),  # 25
    ("Africa/Cairo", "2026-04-23"),  # a day without its first hour
    ("America/Havana", "2026-10-31"),  # one with its first hour twice
]
NAMES = ("day", "tier", "severity")
GRAINS = [(tier, severity) for tier in range(4) for severity in ("", *SEVERITIES)]


def rolled(day: dt.date) -> dict[tuple[int, str], dict[str, Any]]:
    """The rows by tier and severity, with their spreads as lists."""
    found = {}
    for row in TicketDay.objects.filter(day=day).values():
        spreads = {name: list(array("I", bytes(row[name]))) for name in ("answers", "resolutions")}
        grain = row["tier"], row["severity"]
        found[grain] = {name: value for name, value in (row | spreads).items() if name not in NAMES}
    return found


def everything() -> list[Any]:
    return [*TicketDay.objects.order_by("pk").values(), *PersonDay.objects.order_by("pk").values()]


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
@hypothesis_settings(
    max_examples=4, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_a_day_is_what_walking_through_every_ticket_says(
    seed: int, place: tuple[str, str], team: dict[str, Person], settings: LazySettings
) -> None:
    settings.REPORT_TIME_ZONE = place[0]
    chance = random.Random(seed)
    stories = [story(chance, *place) for _ in range(chance.randint(0, 12))]
    number, grain = chance.randrange(DAYS), chance.choice(GRAINS)
    day = dt.date.fromisoformat(place[1]) + dt.timedelta(days=number)
    begins, ends = midnight(*place, number), midnight(*place, number + 1)
    now = max(begins, moment(chance, *place))
    last = min(now, ends - LEAST)
    with transaction.atomic():
        write(stories, team)
        rolling.roll(day, now)
        found = rolled(day)
        expected = {each: figures(stories, begins, last, *each) for each in GRAINS}
        assert found == {each: row for each, row in expected.items() if each == (0, "") or any(row.values())}
        did = PersonDay.objects.filter(day=day).values_list("person__username", "answered", "resolved", "open")
        assert {name: tuple(sums) for name, *sums in did} == people(stories, begins, last)
        check_rows(rows.Scope(begins, last + LEAST, *grain), found.get(grain, {}))
        before = everything()
        rolling.roll(day, now)
        assert everything() == before
        transaction.set_rollback(True)


def check_rows(scope: rows.Scope, row: dict[str, Any]) -> None:
    """What is behind each figure is as many rows, with the lengths that it has."""
    for name, find in rows.ROWS.items():
        figure, found = row.get(name) or 0, find(scope)
        if isinstance(figure, list):
            assert sorted(found.values_list("seconds", flat=True)) == figure
        else:
            assert found.count() == figure, name
    ages = rows.backlog(scope).values_list("seconds", flat=True)
    assert max(ages, default=None) == row.get("open_age_oldest")
    waiting = rows.backlog_unanswered(scope).values_list("seconds", flat=True)
    assert max(waiting, default=None) == row.get("unanswered_age_oldest")
