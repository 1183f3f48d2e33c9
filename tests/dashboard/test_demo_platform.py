"""The generated platform: its parts, the numbers of its application, and reports that follow its trouble."""

from __future__ import annotations

from django.utils import timezone

from maintenance.kpis import application_numbers
from maintenance.models import AppMetric, HealthReport, Probe, Run, Target
from maintenance.rules import health
from tests.dashboard.generated import NOW
from zbmaint.dashboard.demo.platform import APPLICATION, PARTS


class GeneratedPlatform:
    """Of the desk in test_demo_desk.py."""

    def test_every_probe_tells_of_a_part_and_the_main_ones_are_critical(self) -> None:
        found = {probe.name: (probe.component, probe.critical) for probe in Probe.objects.filter(name__in=PARTS)}
        assert found == {name: (component.value, critical) for name, (component, critical) in PARTS.items()}

    def test_the_application_has_told_its_numbers_for_a_week(self) -> None:
        target = Target.objects.get(name=APPLICATION)
        assert (target.kind, target.reference) == ("application", "env:DEMO_APPLICATION_URL")
        rows = AppMetric.objects.filter(source=APPLICATION, name="threads_live")
        assert rows.count() == 7 * 24 * 6
        assert not AppMetric.objects.filter(at__gt=NOW).exists()
        sources = {source.name: source for source in application_numbers.read(timezone.now())}
        assert set(sources) == {
            APPLICATION,
            *(f"zbmaint {name}" for name in ("web", "workers", "ticker", "prober", "database")),
        }
        figures = sources[APPLICATION].figures
        assert 0 < figures["memory_used_bytes"] < figures["memory_max_bytes"]
        assert figures["connections_active"] + figures["connections_idle"] == figures["connections"]
        assert sources[APPLICATION].peaks["threads_live"] >= figures["threads_live"]

    def test_there_is_a_report_for_each_run_and_around_each_trouble(self) -> None:
        runs = Run.objects.filter(task="health_report", state="succeeded")
        assert set(HealthReport.objects.exclude(run=None).values_list("run", flat=True)) == set(
            runs.values_list("pk", flat=True)
        )
        assert runs.exists()
        asked = HealthReport.objects.filter(run=None)
        assert set(asked.values_list("overall", flat=True)) == {"up", "degraded", "down"}
        assert not asked.filter(asked_by=None).exists()

    def test_each_report_says_what_differs_from_the_one_before(self) -> None:
        before = None
        for report in HealthReport.objects.order_by("at", "id"):
            assert report.changes == health.changes(before, report.content)
            assert report.content["overall"] == report.overall
            before = report.content
