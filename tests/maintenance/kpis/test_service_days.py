"""The days of services, against a day that was reckoned by hand, and against what is kept of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance.kpis import service_days, service_reading
from maintenance.models import SYSTEM, Probe, ServiceDay
from tests.maintenance.kpis.spans import DAY, clock, make_outage, make_service, make_window
from tests.maintenance.probing import no_others
from zbmaint.access.models import Person
from zbmaint.rollup import rolling
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
EVENING = clock(48)
HOUR = 3_600_000_000
People = dict[str, Person]


@pytest.fixture(autouse=True)
def _alone(db: None) -> None:
    no_others()
    Probe.objects.update(created_at=clock(-48), retired_at=clock(-40), critical=False)


def row(probe: int, day: dt.date = DAY) -> dict[str, float]:
    """A day in hours; nothing of what is 0."""
    kept = ServiceDay.objects.filter(day=day, probe=probe).values(*service_days.COLUMNS).get()
    return {name: value / HOUR for name, value in kept.items() if value}


def roll(now: dt.datetime = EVENING, day: dt.date = DAY) -> None:
    service_days.roll(day, now)


def test_the_day_that_the_documentation_reckons(people: People) -> None:
    """docs/uptime.md prints this day and these numbers."""
    web = make_service("Web", "u-3-8 d8-9 u9-13 g13-14 u14-20 d20-22.5 u23-30", critical=True)
    base = make_service("Base", "u-3-2 d2-4 u4-21 d21-21.5 u21.5-30", critical=True)
    make_window([base], 1.5, 4, approved=-20, by=people["lead"])
    make_window([web], 20, 22, approved=21, by=people["lead"])
    make_window([web], 8, 9, approved=None, by=people["lead"])
    for probe, begins, ends in ((web, 8, 9), (web, 20, 22.5), (base, 21, 21.5)):
        make_outage(probe, begins, ends)
    roll()
    of_web = {"up": 20, "degraded": 1, "down": 3.5, "unknown": 0.5}
    assert row(web.pk) == of_web | {"net_up": 20, "net_down": 1.5, "maintenance": 2, "erased": 2}
    assert row(base.pk) == {"up": 21.5, "down": 2.5, "net_up": 21, "net_down": 0.5, "maintenance": 2.5}
    of_both = {"up": 18, "degraded": 1, "down": 5.5, "unknown": 0.5}
    # Of the two windows 2.5 and 2 hours, less the half an hour in which Base was down on its own account.
    assert row(SYSTEM) == of_both | {"net_up": 17.5, "net_down": 2, "maintenance": 4, "erased": 1.5}
    ratios = [
        (sums.totals.net, sums.totals.gross, sums.totals.coverage)
        for probe in (web.pk, base.pk, SYSTEM)
        for sums in [service_reading.read(DAY, DAY, probe).asked]
    ]
    assert ratios == [
        (20 / 21.5, 20 / 23.5, 21.5 / 22),
        (21 / 21.5, 21.5 / 24, 1.0),
        (17.5 / 19.5, 18 / 23.5, 19.5 / 20),
    ]
    days = dict(ServiceDay.objects.filter(day=DAY).values_list("probe", "outages"))
    assert days == {web.pk: 2, base.pk: 1, SYSTEM: 3}


@pytest.mark.parametrize(
    ("since", "gone", "now", "expected"),
    [
        (6, None, 48, {"up": 12, "unknown": 6}),
        (-48, 15, 48, {"up": 9, "unknown": 6}),
        (-48, None, 12, {"up": 6, "unknown": 6}),
        (6, 12, 48, {"up": 6}),
    ],
)
def test_a_day_is_clipped_to_the_life_of_the_service_and_to_now(
    since: float, gone: float | None, now: float, expected: dict[str, float]
) -> None:
    web = make_service("Web", "u6-18", since=since, retired_at=None if gone is None else clock(gone))
    roll(clock(now))
    found = row(web.pk)
    assert found.pop("net_up") == found["up"]
    assert found == expected


def test_a_service_that_did_not_exist_has_no_row_and_a_system_of_none_neither() -> None:
    make_service("Later", "u30-40", since=25)
    roll()
    assert not ServiceDay.objects.exists()


def test_nothing_known_is_unknown_and_the_day_to_come_is_empty() -> None:
    web = make_service("Web")
    roll()
    assert row(web.pk) == {"unknown": 24}
    roll(now=clock(-1))
    assert not ServiceDay.objects.exists()


def test_rolling_again_changes_nothing_and_what_was_corrected_takes_its_place(people: People) -> None:
    web = make_service("Web", "u-3-8 d8-9 u9-30")
    roll()
    once = list(ServiceDay.objects.values_list())
    roll()
    assert list(ServiceDay.objects.values_list()) == once
    make_window([web], 8, 9, approved=10, by=people["lead"])
    roll()
    assert row(web.pk)["erased"] == 1


def test_a_day_on_which_clocks_are_changed_has_an_hour_less(settings: LazySettings) -> None:
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    web = make_service("Web", "u-300-30", since=-300)
    roll(day=dt.date(2026, 3, 29))
    assert row(web.pk, dt.date(2026, 3, 29))["up"] == 23


def test_days_cost_as_many_queries_however_many_services_there_are() -> None:
    make_service("Web", "u-3-8 d8-9 u9-30")
    with CaptureQueriesContext(connection) as of_one:
        roll()
    for number in range(20):
        make_service(f"Web {number}", "u-3-8 d8-9 u9-30", critical=True)
    with CaptureQueriesContext(connection) as of_many:
        roll()
    assert len(of_many) == len(of_one) == 6
    assert ServiceDay.objects.count() == 22


def test_the_first_day_is_that_of_the_first_service_that_is_kept(settings: LazySettings) -> None:
    settings.SPAN_RETENTION_DAYS = 100_000
    assert service_days.first() == clock(-48).date()
    settings.SPAN_RETENTION_DAYS = 0
    assert service_days.first() == dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    Probe.objects.all().delete()
    assert service_days.first() is None


@pytest.mark.parametrize("of", ["SPAN", "WINDOW", "OUTAGE", "ROLLUP"])
def test_a_day_of_which_a_part_is_gone_is_not_made_again(settings: LazySettings, of: str) -> None:
    """Without its window, down time that was taken out would come back."""
    setattr(settings, f"{of}_RETENTION_DAYS", 10)
    assert service_days.kept() == 10


def test_it_is_registered_and_an_outage_makes_its_first_day_stale() -> None:
    assert service_days.KIND in rolling.kinds()
    Stale.objects.all().delete()
    make_outage(make_service("Web"), 3.1, 5)
    assert list(Stale.objects.values_list("kind", "at")) == [("services", clock(3))]
