"""Days of tickets against a second way to count, on stories at random."""

from __future__ import annotations

import datetime as dt
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
from tests.incidents.measures.stories import DAYS, LEAST, SEVERITIES, midnight, moments, story, write
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


def everything() -> list[list[dict[str, Any]]]:
    return [list(model.objects.order_by("pk").values()) for model in (TicketDay, PersonDay)]


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
@hypothesis_settings(
    max_examples=5, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_day_is_what_walking_through_every_ticket_says(
    data: st.DataObject, place: tuple[str, str], team: dict[str, Person], settings: LazySettings
) -> None:
    settings.REPORT_TIME_ZONE = place[0]
    when = moments(*place)
    stories = data.draw(st.lists(story(when), max_size=5))
    number = data.draw(st.integers(0, DAYS - 1))
    day = dt.date.fromisoformat(place[1]) + dt.timedelta(days=number)
    begins, ends = midnight(*place, number), midnight(*place, number + 1)
    now = data.draw(when.filter(lambda at: at >= begins))
    last = min(now, ends - LEAST)
    with transaction.atomic():
        write(stories, team)
        rolling.roll(day, now)
        found = rolled(day)
        expected = {grain: figures(stories, begins, last, *grain) for grain in GRAINS}
        assert found == {grain: row for grain, row in expected.items() if grain == (0, "") or any(row.values())}
        did = PersonDay.objects.filter(day=day).values_list("person__username", "answered", "resolved", "open")
        assert {name: tuple(sums) for name, *sums in did} == people(stories, begins, last)
        grain = data.draw(st.sampled_from(GRAINS))
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
