"""Until when a page of the queue stays as it is by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import QueryDict
from django.utils import timezone

from incidents.forms.queue_filter import QueueFilter
from incidents.models import Ticket
from incidents.rules.clocks import SOON
from incidents.views import queue_counts, queue_list, queue_until
from incidents.views.queue_list import read_list
from incidents.views.queue_state import FAR, read_seen
from incidents.views.queue_tabs import TABS
from tests.incidents.queueing import queued
from zbmaint.access.models import Person

HOUR = dt.timedelta(hours=1)


def due(*moments: dt.datetime) -> None:
    """A ticket of tier 1 for each moment, at risk a quarter of an hour before it."""
    for at, moment in enumerate(moments):
        ticket = queued(f"due {at} {moment}")
        risk = moment - HOUR / 4
        Ticket.objects.filter(pk=ticket.pk).update(due_at=moment, due_clock="resolution", at_risk_at=risk)


def ends_at(person: Person, now: dt.datetime, tab: str = "1", query: str = "") -> dt.datetime | None:
    """Until when the page that is read at `now` stays."""
    seen = read_seen(read_list(TABS[tab], QueueFilter(QueryDict(query), person), person, now).state)
    assert seen is not None
    assert seen.known is not None
    return None if seen.known.until == FAR else dt.datetime.fromtimestamp(seen.known.until / 1000, dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    """Now, in whole seconds."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are enough to count, and to fill a page."""
    for module in (queue_counts, queue_until):
        monkeypatch.setattr(module, "ENOUGH", 2)
    monkeypatch.setattr(queue_list, "PAGE_SIZE", 2)


@pytest.mark.parametrize("tab", ["1", "all", "breaching"])
def test_the_next_group_of_any_ticket_counts(people: dict[str, Person], now: dt.datetime, tab: str) -> None:
    due(now - HOUR, now + 2 * HOUR, now + 3 * HOUR)
    assert ends_at(people["tier1"], now, tab) == now + 2 * HOUR - SOON


def test_so_does_a_ticket_that_comes_to_be_at_risk(people: dict[str, Person], now: dt.datetime) -> None:
    ticket = queued()
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now + 9 * HOUR, due_clock="resolution", at_risk_at=now + HOUR)
    assert ends_at(people["tier1"], now) == now + HOUR


@pytest.mark.usefixtures("enough")
def test_with_more_than_enough_only_what_is_shown_counts(people: dict[str, Person], now: dt.datetime) -> None:
    due(now - 3 * HOUR, now - 2 * HOUR, now - HOUR, now + HOUR)
    assert ends_at(people["tier1"], now) is None
    assert ends_at(people["tier1"], now, "breaching") is None
    assert ends_at(people["tier1"], now, "all", "status=any") is None


@pytest.mark.usefixtures("enough")
def test_the_rows_that_are_shown_always_count(people: dict[str, Person], now: dt.datetime) -> None:
    due(now - 3 * HOUR, now - 2 * HOUR, now - HOUR, now + SOON / 2, now + HOUR)
    place = read_list(TABS["1"], QueueFilter(QueryDict(), people["tier1"]), people["tier1"], now).after
    assert ends_at(people["tier1"], now, "1", place) == now + SOON / 2


@pytest.mark.usefixtures("enough")
def test_breaching_ones_that_join_a_page_which_is_not_full_count(people: dict[str, Person], now: dt.datetime) -> None:
    due(now - 3 * HOUR, now - 2 * HOUR, now - HOUR, now + HOUR)
    place = read_list(TABS["breaching"], QueueFilter(QueryDict(), people["tier1"]), people["tier1"], now).after
    assert ends_at(people["tier1"], now, "breaching", place) == now + HOUR - SOON


@pytest.mark.usefixtures("enough")
def test_so_do_those_that_join_a_list_which_is_counted_to_its_end(people: dict[str, Person], now: dt.datetime) -> None:
    due(now - 5 * HOUR, now - 4 * HOUR, now - 3 * HOUR, now - 2 * HOUR, now + 2 * HOUR)
    few = [Ticket.objects.order_by("number")[at].pk for at in (0, 1, 4)]
    Ticket.objects.filter(pk__in=few).update(severity="low")
    assert ends_at(people["tier1"], now, "breaching") is None
    assert ends_at(people["tier1"], now, "breaching", "severity=low") == now + 2 * HOUR - SOON
