"""The generated probes: a history that agrees with itself, and nothing that is asked."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from maintenance.actions import timelines
from maintenance.kpis import service_reading
from maintenance.models import MaintenanceWindow, Outage, Probe, Reading
from maintenance.prober import slots
from maintenance.rules.probe_states import DOWN, PAUSED, UNKNOWN, UP, Sample, timeline
from tests.dashboard.generated import NOW
from zbmaint.dashboard.demo.probes import INTERVAL


class GeneratedProbes:
    """Of the desk in test_demo_desk.py."""

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
            spans = timeline(samples, probe.terms, dt.datetime(2026, 2, 7, tzinfo=dt.UTC), NOW)
            down = [(span.begins, span.ends) for span in spans if span.state == DOWN]
            outages = Outage.objects.filter(probe=probe).order_by("started_at")
            assert down == list(outages.values_list("started_at", "ended_at")), probe
            assert (spans[-1].state, probe.state) == (UP, UP)
            stored = [(row.state, row.begins, min(row.ends, NOW)) for row in probe.spans.order_by("begins")]
            assert stored == [(span.state, span.begins, span.ends) for span in spans if span.state != UNKNOWN], probe
        assert timelines.fold_readings(NOW) == 0
        assert Outage.objects.count() == 5
        assert not Outage.objects.going_on().exists()

    def test_windows_were_approved_in_time_late_and_not_yet(self) -> None:
        windows = MaintenanceWindow.objects.order_by("begins_at")
        assert [window.state_at(NOW) for window in windows] == ["over", "over", "asked"]
        assert [bool(window.approved_at and window.approved_at > window.begins_at) for window in windows] == [
            *(False, True, False),
        ]
        assert Reading.objects.filter(planned=True).count() == 6
        erased = service_reading.erasures(dt.date(2026, 2, 7), NOW.date())
        assert [(each.service.name, each.length / INTERVAL) for each in erased] == [("API", 2), ("Web application", 2)]
