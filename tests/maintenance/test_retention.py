import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django_q.models import OrmQ
from django_q.models import Task as Carried

from maintenance import retention
from maintenance.actions import schedules
from maintenance.actions.planning import occurrence_of
from maintenance.models import (
    AppMetric,
    Finding,
    FindingDay,
    FindingSighting,
    HealthReport,
    LogLine,
    MaintenanceWindow,
    Occurrence,
    Origin,
    Outage,
    Reading,
    Run,
    RunDay,
    RunStep,
    ServiceDay,
    Span,
    Target,
    TaskTotal,
    WeeklyReport,
)
from maintenance.prober.recording import Read, store
from tests.maintenance.calendar import draft
from tests.maintenance.probing import make_probe
from zbmaint.access.models import Person
from zbmaint.queue import canary
from zbmaint.queue import retention as queue_retention
from zbmaint.queue.models import Process
from zbmaint.rollup import rolling

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ended(target: Target, days_ago: int, state: str = "succeeded") -> Run:
    at = None if state in ("queued", "running") else NOW - dt.timedelta(days=days_ago)
    run = Run.objects.create(
        task="toy", target=target, origin=Origin.PERSON, state=state, timeout_seconds=1, finished_at=at
    )
    RunStep.objects.create(run=run, position=1, key="a", name="A")
    LogLine.objects.create(run=run, number=1, at=NOW, text="x")
    return run


def test_old_runs_go_with_all_they_hold_and_young_or_active_ones_stay(own_target: Target, settings: Any) -> None:
    settings.RUN_RETENTION_DAYS = 30
    ended(own_target, 31)
    kept = [ended(own_target, 29), ended(own_target, 400, "running"), ended(own_target, 400, "queued")]
    assert retention.purge(NOW) == 1
    assert set(Run.objects.all()) == set(kept)
    assert (RunStep.objects.count(), LogLine.objects.count()) == (3, 3)


def test_findings_go_when_they_were_resolved_long_ago(own_target: Target, settings: Any) -> None:
    settings.FINDING_RETENTION_DAYS = 30
    long_ago = NOW - dt.timedelta(days=31)
    run = ended(own_target, 1)
    for state in ("new", "ongoing", "accepted", "resolved"):
        finding = Finding.objects.create(
            task="toy",
            target=own_target,
            kind="k",
            subject=state,
            title=state,
            severity="low",
            state=state,
            first_seen_at=long_ago,
            last_seen_at=long_ago,
            resolved_at=long_ago if state == "resolved" else None,
        )
        FindingSighting.objects.create(finding=finding, run=run, state="new", severity="low")
    assert retention.purge(NOW) == 1
    assert set(Finding.objects.values_list("state", flat=True)) == {"new", "ongoing", "accepted"}
    assert FindingSighting.objects.count() == 3


def test_log_lines_go_before_their_runs(own_target: Target, settings: Any) -> None:
    settings.RUN_RETENTION_DAYS, settings.LOG_RETENTION_DAYS = 400, 90
    old, young, active = ended(own_target, 91), ended(own_target, 89), ended(own_target, 91, "running")
    assert retention.purge(NOW) == 1
    assert [run.log_lines.count() for run in (old, young, active)] == [0, 1, 1]
    assert old.steps.count() == 1


def test_settled_occurrences_go_and_those_that_are_due_stay(own_target: Target, settings: Any) -> None:
    settings.OCCURRENCE_RETENTION_DAYS = 30
    schedule = schedules.save(draft("0 2 * * *", "cache_review"), actor=None)
    task, version = schedule.tasks.get(), schedule.versions.get()
    rows = ((31, "started"), (31, "missed"), (31, "skipped"), (31, "due"), (29, "started"))
    for minute, (days, state) in enumerate(rows):
        due_at = NOW - dt.timedelta(days=days, minutes=minute)
        row = occurrence_of(schedule, version, task, due_at, NOW)
        row.state = Occurrence.State(state)
        row.save()
    assert retention.purge(NOW) == 3
    assert sorted(schedule.occurrences.values_list("state", flat=True)) == ["due", "started"]


def test_old_readings_go_probe_by_probe_in_batches(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.READING_RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "READINGS_A_BATCH", 2)
    for name in ("Web", "API"):
        probe = make_probe(name)
        store([Read(probe.pk, NOW - dt.timedelta(days=days), "up", "", 1) for days in (29, 31, 32, 33, 34, 35)])
    assert retention.purge_readings(NOW) == 10
    assert Reading.objects.count() == 2
    assert retention.purge_readings(NOW) == 0


def test_outages_go_long_after_they_ended_and_never_before(settings: Any) -> None:
    settings.OUTAGE_RETENTION_DAYS = 30
    long_ago = NOW - dt.timedelta(days=40)
    for days in (31, 29, None):
        Outage.objects.create(
            probe=make_probe(f"Web {days}"),
            started_at=long_ago,
            confirmed_at=long_ago,
            ended_at=NOW - dt.timedelta(days=days) if days else None,
            reason="Refused",
        )
    assert retention.purge(NOW) == 1
    assert {outage.probe.name for outage in Outage.objects.all()} == {"Web 29", "Web None"}


def test_messages_that_nobody_acknowledges_go(settings: Any) -> None:
    settings.QUEUE_RETENTION_DAYS = 7
    with time_machine.travel(NOW - dt.timedelta(days=8)):
        canary.send("long")
    young = canary.send("long")
    OrmQ.objects.create(key="long", payload="signed with another key", lock=NOW)
    assert queue_retention.purge(NOW) == 2
    assert [row.pk for row in OrmQ.objects.all()] == [young]


def test_it_works_in_batches(own_target: Target, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RUN_RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        ended(own_target, 31)
    assert retention.purge(NOW) == 5


def test_records_of_the_queue_and_of_dead_processes_go(settings: Any) -> None:
    settings.QUEUE_RETENTION_DAYS = 7
    for pid, (name, days, success) in enumerate((("old", 8, True), ("old failure", 8, False), ("young", 6, True))):
        at = NOW - dt.timedelta(days=days)
        Carried.objects.create(id=name, name=name, func="f", started=at, stopped=at, success=success)
        Process.objects.create(kind="worker", name=name, host="h", pid=pid, started_at=at, seen_at=at)
    assert queue_retention.purge(NOW) == 4
    assert [task.name for task in Carried.objects.all()] == ["young"]
    assert [row.name for row in Process.objects.all()] == ["young"]


def test_days_of_kpis_go_and_what_they_are_made_of(settings: Any, people: dict[str, Person]) -> None:
    settings.ROLLUP_RETENTION_DAYS, settings.SPAN_RETENTION_DAYS, settings.WINDOW_RETENTION_DAYS = 30, 20, 10
    probe, today = make_probe("Web"), NOW.date()
    for days in (5, 15, 25, 35):
        day, at = today - dt.timedelta(days=days), NOW - dt.timedelta(days=days)
        RunDay.objects.create(day=day)
        RunDay.objects.create(day=day, category="preventive", task="toy")
        FindingDay.objects.create(day=day)
        ServiceDay.objects.create(day=day, probe=probe.pk)
        Span.objects.create(probe=probe, begins=at - dt.timedelta(hours=1), ends=at, state="up")
        window = MaintenanceWindow.objects.create(
            begins_at=at - dt.timedelta(hours=1),
            ends_at=at,
            reason="r",
            requested_by=people["lead"],
            requested_at=at,
        )
        window.services.add(probe)
    assert retention.purge(NOW) == 4 + 2 + 3
    assert [RunDay.objects.count(), FindingDay.objects.count(), ServiceDay.objects.count()] == [6, 3, 3]
    assert [Span.objects.count(), MaintenanceWindow.objects.count()] == [2, 1]


def test_reports_and_numbers_of_applications_go(settings: Any) -> None:
    settings.APP_METRIC_RETENTION_DAYS, settings.HEALTH_REPORT_RETENTION_DAYS = 10, 20
    settings.WEEKLY_REPORT_RETENTION_DAYS = 430
    for days in (5, 15, 25, 435):
        at = NOW - dt.timedelta(days=days)
        AppMetric.objects.create(source="s", name="threads_live", at=at, value=1.0)
        HealthReport.objects.create(at=at, overall="up", content={})
        WeeklyReport.objects.create(week=f"W{days}", starts=at.date(), frozen_at=at, content={}, digest="0" * 64)
    assert retention.purge(NOW) == 3 + 2 + 1
    assert [AppMetric.objects.count(), HealthReport.objects.count(), WeeklyReport.objects.count()] == [1, 2, 3]


def test_a_finding_that_stays_open_keeps_itself_and_not_its_past(settings: Any) -> None:
    settings.FINDING_RETENTION_DAYS = 30
    seen = NOW - dt.timedelta(days=60)
    finding = Finding.objects.create(
        task="t", kind="k", subject="s", title="t", severity="low", first_seen_at=seen, last_seen_at=seen
    )
    Finding.objects.update(severity="high", last_seen_at=NOW - dt.timedelta(days=40))
    assert retention.purge(NOW) == 1
    assert list(finding.stretches.values_list("severity", "ends")) == [("high", None)]


def test_totals_of_tasks_go_on_counting_when_their_runs_and_days_are_gone(own_target: Target, settings: Any) -> None:
    settings.RUN_RETENTION_DAYS = settings.ROLLUP_RETENTION_DAYS = 30
    ended(own_target, 20)
    rolling.roll_stale(NOW)
    later = NOW + dt.timedelta(days=20)
    assert retention.purge(later) > 0
    assert (Run.objects.count(), RunDay.objects.filter(succeeded__gt=0).count()) == (0, 0)
    with time_machine.travel(later):
        rolling.roll_stale(later)
        rolling.rebuild("runs", None, later)
    assert TaskTotal.objects.get(task="toy").succeeded == 1
