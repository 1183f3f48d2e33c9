"""What a period says of services: sums, bars, the worst, the mean, what was erased."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

import pytest

from maintenance.actions import probes
from maintenance.actions.probes import Details
from maintenance.kpis import service_days, service_reading
from maintenance.models import SYSTEM, Probe
from maintenance.rules.uptime import Totals
from tests.maintenance.kpis.spans import DAY, clock, make_outage, make_service, make_window
from tests.maintenance.probing import no_others
from zbmaint.access.models import Person
from zbmaint.rollup import days
from zbmaint.rollup.models import Stale

pytestmark = pytest.mark.django_db
NEXT = DAY + dt.timedelta(days=1)
HOUR = 3_600_000_000
People = dict[str, Person]


@pytest.fixture
def web(db: None) -> Probe:
    no_others()
    Probe.objects.update(created_at=clock(-48), retired_at=clock(-40), critical=False)
    return make_service("Web", "u-3-20 d20-26 u26-60", critical=True)


@pytest.fixture
def base(web: Probe) -> Probe:
    return make_service("Base", "u24-40 d40-42 u42-48", since=24)


def roll() -> None:
    for day in (DAY, NEXT):
        service_days.roll(day, clock(100))


def test_a_period_adds_its_days_up(web: Probe, base: Probe) -> None:
    make_outage(web, 20, 26)
    make_outage(base, 40, 42)
    roll()
    found = service_reading.read(DAY, NEXT)
    assert found.services[web.pk].totals == Totals(up=42 * HOUR, down=6 * HOUR, net_up=42 * HOUR, net_down=6 * HOUR)
    assert found.asked == found.services[web.pk]
    assert found.asked.outages == 1
    assert (found.worst, found.worst_net) == (web.pk, 42 / 48)
    assert found.mean_net == 64 / 72


def test_of_one_service_everything_is_its_own(web: Probe, base: Probe) -> None:
    roll()
    found = service_reading.read(DAY, NEXT, base.pk)
    assert (found.asked.totals.net, found.worst, found.mean_net) == (22 / 24, base.pk, 22 / 24)
    assert set(found.services) == {base.pk}


def test_one_reading_is_no_uptime(web: Probe) -> None:
    seen_once = make_service("Once", "u30-30.02", since=0)
    roll()
    found = service_reading.read(DAY, NEXT)
    totals = found.services[seen_once.pk].totals
    assert (totals.up > 0, totals.net, totals.gross) == (True, None, None)
    assert totals.coverage == pytest.approx(0.02 / 48)
    assert (found.worst, found.mean_net) == (web.pk, 42 / 48)


def test_where_nothing_is_known_nothing_is_said(web: Probe) -> None:
    found = service_reading.read(dt.date(2030, 1, 1), dt.date(2030, 1, 2))
    assert (found.asked.totals.net, found.asked.totals.coverage, found.worst, found.mean_net) == (None,) * 4
    assert service_reading.by_day(dt.date(2030, 1, 1), dt.date(2030, 1, 2)) == {}


def test_the_bars_of_all_services_are_one_query(web: Probe, base: Probe, django_assert_num_queries: Any) -> None:
    make_outage(web, 20, 26)
    roll()
    with django_assert_num_queries(1):
        bars = service_reading.by_day(DAY - dt.timedelta(days=89), NEXT)
    assert set(bars[web.pk]) == {DAY, NEXT}
    assert set(bars[base.pk]) == {NEXT}
    assert bars[SYSTEM] == bars[web.pk]
    assert (bars[web.pk][DAY].totals.net, bars[web.pk][DAY].outages) == (20 / 24, 1)
    assert service_reading.by_day(DAY, DAY, base.pk) == {}


def test_any_stretch_comes_from_the_spans(web: Probe, base: Probe, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        found = service_reading.between(clock(19), clock(21), [web, base])
    assert found[web.pk].net == 0.5
    assert found[base.pk] == Totals()


def test_outages_are_as_many_as_the_days_count(web: Probe, base: Probe) -> None:
    for begins in (-1, 20, 23.99, 30):
        make_outage(web, begins, begins)
    make_outage(base, 40, 42)
    roll()
    for probe in (SYSTEM, web.pk, base.pk):
        assert service_reading.outages(DAY, NEXT, probe).count() == service_reading.read(DAY, NEXT, probe).asked.outages
    assert service_reading.outages(DAY, DAY, web.pk).count() == 2


def test_the_system_is_made_of_those_that_are_critical_now_on_all_its_days(web: Probe, base: Probe) -> None:
    make_outage(web, 20, 26)
    make_outage(base, 40, 42)
    roll()

    def of_system() -> tuple[int, int, int]:
        asked = service_reading.read(DAY, NEXT).asked
        return asked.outages, service_reading.outages(DAY, NEXT).count(), asked.totals.down // HOUR

    assert of_system() == (1, 1, 6)
    Stale.objects.all().delete()
    details = {each.name: getattr(base, each.name) for each in fields(Details)}
    probes.change(base, Details(**details | {"confirmations": 3}), actor=None)
    assert not Stale.objects.exists()
    for critical, expected in ((True, (2, 2, 8)), (False, (1, 1, 6))):
        probes.change(base, Details(**details | {"critical": critical}), actor=None)
        stale = {days.day_of(at) for at in Stale.objects.filter(kind="services").values_list("at", flat=True)}
        # It was made on the second of the two days.
        assert min(stale) == NEXT
        for day in stale & {DAY, NEXT}:
            service_days.roll(day, clock(100))
        assert of_system() == expected


def test_of_a_service_that_is_older_than_its_spans_only_days_that_can_be_made_again_are(
    web: Probe, settings: Any
) -> None:
    settings.SPAN_RETENTION_DAYS = 3
    Probe.objects.filter(pk=web.pk).update(created_at=clock(-9_000))
    Stale.objects.all().delete()
    details = {each.name: getattr(web, each.name) for each in fields(Details)} | {"critical": False}
    probes.change(web, Details(**details), actor=None)
    assert 3 <= Stale.objects.count() <= 4


class TestErasures:
    def test_of_the_system_those_of_critical_services(self, web: Probe, base: Probe, people: People) -> None:
        Probe.objects.filter(pk=base.pk).update(critical=False)
        make_window([web, base], 19, 50, approved=50, by=people["lead"])

        def names(*asked: int | None) -> list[str]:
            return [each.service.name for each in service_reading.erasures(DAY, NEXT, *asked)]

        assert (names(), names(None), names(SYSTEM)) == (["Web", "Base"], ["Web", "Base"], ["Web"])
        assert (names(base.pk), names(web.pk)) == (["Base"], ["Web"])

    def test_what_was_approved_too_late_is_listed_with_its_length_and_who_did_it(
        self, web: Probe, people: People
    ) -> None:
        make_window([web], 19, 21, approved=21, by=people["lead"])
        (found,) = service_reading.erasures(DAY, DAY)
        assert (found.service, found.length, found.by) == (web, dt.timedelta(hours=1), people["lead"])
        roll()
        assert service_reading.read(DAY, DAY).asked.totals.erased == HOUR

    def test_an_outage_that_goes_on_behind_a_gap_is_listed_whole(self, people: People) -> None:
        worked_on = make_service("Broken", "u-20-20 d20-22 d23-26 u26-48", critical=False)
        make_outage(worked_on, 20, 26)
        # Approved while nobody could say how it was.
        window = make_window([worked_on], 20, 26, approved=22.5, by=people["lead"])
        for day, hours in ((DAY, 3), (NEXT, 2)):
            (found,) = service_reading.erasures(day, day, worked_on.pk)
            assert (found.window, found.length) == (window, dt.timedelta(hours=hours))

    def test_what_was_approved_before_or_never_is_not(self, web: Probe, people: People) -> None:
        make_window([web], 19, 21, approved=19.5, by=people["lead"])
        make_window([web], 21, 22, approved=None, by=people["lead"])
        assert service_reading.erasures(DAY, DAY) == []

    def test_it_is_cut_to_the_period_and_what_two_took_out_counts_once(
        self, web: Probe, base: Probe, people: People
    ) -> None:
        first = make_window([web, base], 23, 25, approved=22, by=people["lead"])
        second = make_window([web], 22, 26, approved=40, by=people["admin"])
        found = service_reading.erasures(NEXT, NEXT)
        assert [(each.window, each.length) for each in found] == [
            (first, dt.timedelta(hours=1)),
            (second, dt.timedelta(hours=1)),
        ]
        assert service_reading.erasures(DAY, NEXT, base.pk) == []
        roll()
        lengths = sum((each.length for each in service_reading.erasures(DAY, NEXT)), dt.timedelta())
        assert service_reading.read(DAY, NEXT).asked.totals.erased == lengths / dt.timedelta(microseconds=1)
