"""The health report: what it holds, when it is kept, what it is compared with, whom it is sent to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from maintenance import runner
from maintenance.actions import health_reports, runs
from maintenance.actions.health_reports import ReportNotKept
from maintenance.kpis import platform
from maintenance.models import AppMetric, HealthReport, Origin, Probe, Run, Target
from maintenance.rules.health import PARTS
from maintenance.tasks.app_metrics import app_metrics
from maintenance.tasks.health_report import health_report
from tests.maintenance.made import make_run
from tests.maintenance.probing import no_others
from tests.maintenance.spring import SIGN_IN, actuator
from tests.receivers import receiver, status
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice
from zbmaint.queue.presence import Presence

URL = "MONITORING_WEBHOOK_URL"


def beat() -> None:
    """Every process of the product is at work."""
    for kind, name in (("worker", "long"), ("worker", "short"), ("ticker", "ticker"), ("prober", "prober")):
        Presence(kind, name).beat()


def well(*probes: Probe) -> None:
    """Each has been read just now, and was up."""
    now = timezone.now()
    Probe.objects.filter(pk__in=[probe.pk for probe in probes]).update(
        state="up", last_at=now, last_ms=12, state_since=now, next_at=now
    )


def make(name: str, component: str, **facts: Any) -> Probe:
    given = {"kind": "http", "component": component, "next_at": timezone.now(), "parameters": {}}
    return Probe.objects.create(name=name, **given | facts)


@pytest.fixture
def whole(installed: None) -> list[Probe]:
    """A platform of which every part is up."""
    no_others()
    beat()
    probes = [make(name, name, critical=name == "application") for name in ("application", "database", "cache")]
    probes += [make("mail", "external"), make("queue", "queue"), make("disk", "disk")]
    well(*probes)
    return probes


@pytest.mark.django_db
class TestLook:
    def test_it_has_every_part_with_status_words_and_facts(self, whole: list[Probe], settings: Any) -> None:
        settings.LAYOUT.root.mkdir(parents=True, exist_ok=True)
        content = platform.look_now(timezone.now()).content
        assert list(content) == ["timestamp", "overall", "says", *PARTS]
        assert content["overall"] == "up", content
        for key in PARTS:
            assert content[key].keys() == {"status", "says", "critical", "facts"}
            for fact in content[key]["facts"]:
                assert fact.keys() == {"key", "label", "value", "unit"}
        assert {fact["key"] for fact in content["queue"]["facts"]} >= {"depth_long", "workers", "runs_queued"}
        assert {fact["key"] for fact in content["disk"]["facts"]} == {"services", "slowest_answer", "free", "size"}

    @pytest.mark.parametrize(
        ("name", "state", "overall"),
        [
            ("application", "down", "down"),
            ("application", "degraded", "degraded"),
            ("application", "unknown", "unknown"),
            ("mail", "down", "degraded"),
            ("mail", "unknown", "up"),
            ("cache", "down", "degraded"),
            ("disk", "degraded", "degraded"),
        ],
    )
    def test_a_probe_makes_its_part_and_the_part_makes_the_whole(
        self, whole: list[Probe], name: str, state: str, overall: str
    ) -> None:
        Probe.objects.filter(name=name).update(state=state, last_reason="It says so.")
        seen = platform.look_now(timezone.now())
        assert seen.overall.state == overall
        if overall != "up":
            assert name in seen.overall.says.lower() or "external" in seen.overall.says.lower()

    def test_a_reading_that_is_too_old_says_nothing(self, whole: list[Probe]) -> None:
        Probe.objects.filter(name="application").update(last_at=timezone.now() - dt.timedelta(hours=1))
        seen = platform.look_now(timezone.now())
        assert seen.overall.state == "unknown"
        assert "application is unknown: it has not been read lately." in seen.parts[0].whole.says

    def test_a_part_that_nothing_looks_at_is_unknown_and_keeps_the_whole_up(self, whole: list[Probe]) -> None:
        Probe.objects.filter(name="mail").update(retired_at=timezone.now())
        seen = platform.look_now(timezone.now())
        external = next(part for part in seen.parts if part.key == "external_services")
        assert (external.whole.state, external.critical) == ("unknown", False)
        assert "make a probe" in external.whole.says
        assert seen.overall.state == "up"

    def test_a_cache_that_does_not_answer_now_is_down_whatever_was_read(
        self, whole: list[Probe], settings: Any
    ) -> None:
        settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
        content = platform.look_now(timezone.now()).content
        assert (content["cache"]["status"], content["overall"]) == ("degraded", "degraded")
        assert "hunter2" not in str(content)

    def test_without_workers_the_platform_is_down(self, installed: None) -> None:
        seen = platform.look_now(timezone.now())
        assert seen.overall.state == "down"
        assert {part.key for part in seen.parts if part.whole.state == "down"} == {"queue", "scheduler"}


def content(overall: str = "up", **parts: str) -> dict[str, Any]:
    return {"overall": overall} | {key: {"status": state} for key, state in parts.items()}


@pytest.mark.django_db
class TestKeep:
    def test_it_is_compared_with_the_one_before_and_sent(
        self, installed: None, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv(URL, "https://monitoring.example.org/hook")
        now = timezone.now()
        first = health_reports.keep(make_run("running").pk, now, content(database="up"))
        second = health_reports.keep(make_run("running").pk, now, content("degraded", database="degraded"))
        assert first.changes == []
        assert second.changes == ["Overall: up → degraded", "Database: up → degraded"]
        notice = Notice.objects.get(topic=f"health-report:{second.pk}")
        assert notice.kind == "health.report"
        assert notice.payload["changes"] == second.changes
        assert notice.payload["database"] == {"status": "degraded"}
        assert notice.payload["url"].endswith(f"/health/reports/{second.pk}/")

    def test_a_run_has_one_report_however_often_it_keeps_it(self, installed: None) -> None:
        run, now = make_run("running"), timezone.now()
        assert health_reports.keep(run.pk, now, content()) == health_reports.keep(run.pk, now, content("down"))
        with pytest.raises(IntegrityError), transaction.atomic():
            HealthReport.objects.create(at=now, overall="up", content={}, run=run)

    def test_a_run_that_was_given_up_keeps_none(self, installed: None) -> None:
        with pytest.raises(ReportNotKept):
            health_reports.keep(make_run("lost").pk, timezone.now(), content())
        assert not HealthReport.objects.exists()

    def test_who_asks_gets_the_run_that_is_active_already(self, installed: None, people: dict[str, Person]) -> None:
        run, is_new = health_reports.ask(health_report, actor=people["tier2"])
        again, second_is_new = health_reports.ask(health_report, actor=people["tier2"])
        assert (again, is_new, second_is_new) == (run, True, False)


@pytest.mark.django_db(transaction=True)
class TestRuns:
    def carry_out(self, task: Any, **options: Any) -> Run:
        run = runs.request(task, None, actor=None, origin=Origin.PERSON, queue=False, **options)
        runner.execute(run.pk, str(run.token))
        run.refresh_from_db()
        return run

    def test_a_run_keeps_a_report_and_a_dry_one_keeps_nothing(self, whole: list[Probe]) -> None:
        dry = self.carry_out(health_report, dry_run=True)
        assert (dry.state, HealthReport.objects.count()) == ("succeeded", 0)
        assert not AppMetric.objects.exists()
        run = self.carry_out(health_report)
        kept = HealthReport.objects.get()
        assert (run.state, kept.run, run.report["health_report"]) == ("succeeded", run, kept.pk)
        assert run.verdict.startswith("The platform is up.")
        figures = {fact["key"] for fact in kept.content["performance_metrics"]["facts"]}
        assert figures >= {"zbmaint workers.memory_used_bytes", "zbmaint database.connections_max"}
        Probe.objects.filter(name="application").update(state="down", last_reason="It answers 502.")
        worse = self.carry_out(health_report)
        assert worse.state == "warning"
        assert "Application: up → down" in worse.verdict

    def test_metrics_of_applications_and_of_ourselves_are_kept_and_who_is_silent_is_named(
        self, whole: list[Probe], settings: Any, environment: pytest.MonkeyPatch
    ) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
        alone = self.carry_out(app_metrics)
        assert (alone.state, alone.report["silent"]) == ("succeeded", {})
        assert "There is no application target" in alone.verdict
        with receiver(actuator()) as good, receiver(actuator(numbers=status(200, SIGN_IN))) as bad:
            environment.setenv("GOOD_URL", good.url(""))
            environment.setenv("BAD_URL", bad.url(""))
            Target.objects.create(name="good", kind="application", reference="env:GOOD_URL")
            Target.objects.create(name="bad", kind="application", reference="env:BAD_URL")
            run = self.carry_out(app_metrics)
        assert run.state == "warning"
        assert run.verdict.endswith("Not well: bad.")
        assert "perhaps a sign-in page" in run.report["silent"]["bad"]
        assert set(run.report["sources"]) >= {"good", "zbmaint workers", "zbmaint ticker", "zbmaint database"}
        assert AppMetric.objects.get(source="good", name="threads_live").value == 143.0
