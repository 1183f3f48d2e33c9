"""The generated probes: a history that agrees with itself, and nothing that is asked."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from maintenance.models import Outage, Probe, Reading
from maintenance.prober import slots
from maintenance.rules.probe_states import DOWN, PAUSED, UP, Sample, timeline
from tests.dashboard.generated import NOW, GeneratedDesk
from zbmaint.dashboard.demo.probes import INTERVAL


class TestProbes(GeneratedDesk):
    def generated(self) -> list[Probe]:
        return list(Probe.objects.filter(readings__isnull=False).distinct())

    def test_nothing_is_asked_of_them(self) -> None:
        probes = self.generated()
        assert len(probes) == 5
        assert {probe.state_at(timezone.now()) for probe in probes} == {PAUSED}
        taken = {slot.probe for slot in slots.take(100)}
        assert taken.isdisjoint(probe.pk for probe in probes)

    def test_each_was_read_all_the_time(self) -> None:
        whole = (NOW - dt.datetime(2026, 2, 7, tzinfo=dt.UTC)) / INTERVAL
        for probe in self.generated():
            assert abs(probe.readings.count() - whole) <= 1
        assert not Reading.objects.filter(at__gte=NOW).exists()

    def test_the_outages_are_those_of_the_timeline(self) -> None:
        for probe in self.generated():
            samples = [Sample(*row) for row in probe.readings.values_list("at", "state")]
            spans = timeline(samples, probe.terms, NOW - dt.timedelta(days=60), NOW)
            down = [(span.begins, span.ends) for span in spans if span.state == DOWN]
            outages = Outage.objects.filter(probe=probe).order_by("started_at")
            assert down == list(outages.values_list("started_at", "ended_at")), probe
            assert (spans[-1].state, probe.state) == (UP, UP)
        assert Outage.objects.count() == 5
        assert not Outage.objects.going_on().exists()
