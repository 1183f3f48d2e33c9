from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from maintenance.models import (
    MaintenanceWindow,
    Occurrence,
    Probe,
    RunDay,
    Schedule,
    ScheduledTask,
    ServiceDay,
    Span,
    TaskTotal,
)
from maintenance.tasks.catalog import CATALOG
from tests.dashboard.metrics.reading import Metric, read
from tests.maintenance.made import add_finding, make_run
from tests.maintenance.probing import make_probe
from tests.notifications.posting import post
from zbmaint.access.models import Person
from zbmaint.dashboard.metrics import counts, services, tasks
from zbmaint.dashboard.metrics.keeping import Kept
from zbmaint.notifications import retention as notice_retention
from zbmaint.notifications.models import AttemptCount, Notice
from zbmaint.queue.presence import Presence
from zbmaint.rollup import days, rolling

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-these-tests-0123456789"
MICROSECONDS = 86400 * 10**6


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    Kept.forget_all()


def scrape(client: Client) -> dict[str, Metric]:
    answer = client.get("/metrics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return read(answer.content.decode())


def test_every_task_begins_at_zero(client: Client) -> None:
    found = scrape(client)
    runs = found["zbmaint_task_runs_total"]
    assert len(runs.samples) == 8 * len(runs.values("task"))
    assert set(runs.samples.values()) == {0.0}
    assert {"database_maintenance", "weekly_report"} <= runs.values("task")
    assert found["zbmaint_task_duration_seconds"].values("task") == set(CATALOG)
    assert found["zbmaint_queue_depth"].values("queue") == {"short", "long", "runbook"}
    assert found["zbmaint_build_info"].values("version") == {"0.1.0"}
    assert "zbmaint_scheduler_heartbeat_timestamp_seconds" not in found


def test_runs_are_told_by_task_and_how_they_ended(client: Client) -> None:
    now = timezone.now()
    done = make_run(finished_at=now - dt.timedelta(minutes=3), started_at=now - dt.timedelta(minutes=5))
    make_run("warning", finished_at=now - dt.timedelta(minutes=9), started_at=now - dt.timedelta(minutes=10))
    failed = make_run("failed", task="index_maintenance")
    make_run(dry_run=True, finished_at=now)
    make_run("running")
    rolling.roll_stale(timezone.now())
    found = scrape(client)
    runs, task = found["zbmaint_task_runs_total"], "database_maintenance"
    assert runs.value(task=task, result="succeeded") == runs.value(task=task, result="warning") == 1
    assert runs.value(task="index_maintenance", result="failed") == 1
    ended = found["zbmaint_task_last_completion_timestamp_seconds"]
    assert ended.value(task="index_maintenance", result="failed") == failed.finished_at.timestamp()  # type: ignore[union-attr]
    last = found["zbmaint_task_last_success_timestamp_seconds"]
    assert last.value(task=task) == done.finished_at.timestamp()  # type: ignore[union-attr]
    assert last.value(task="index_maintenance") is None
    assert found["zbmaint_task_running"].value(task=task) == 1
    took = found["zbmaint_task_duration_seconds"]
    assert [took.value(task=task, le=bound) for bound in ("15", "60", "300", "+Inf")] == [0, 1, 2, 2]
    assert took.samples["zbmaint_task_duration_seconds_sum", frozenset({("task", task)})] == 180


def test_totals_stay_when_days_are_corrected_or_gone(client: Client) -> None:
    run = make_run()
    rolling.roll_stale(timezone.now())
    rolling.roll_stale(timezone.now())
    RunDay.objects.all().delete()
    run.delete()
    assert scrape(client)["zbmaint_task_runs_total"].value(task="database_maintenance", result="succeeded") == 1


def test_a_task_that_no_version_knows_keeps_its_series(client: Client) -> None:
    TaskTotal.objects.create(task='o"ld', succeeded=7, buckets=[0] * 10 + [7], milliseconds=99_000)
    found = scrape(client)
    assert found["zbmaint_task_runs_total"].value(task='o"ld', result="succeeded") == 7
    assert found["zbmaint_task_duration_seconds"].value(task='o"ld', le="+Inf") == 7


def test_what_is_planned_and_how_late_it_began(client: Client) -> None:
    task = ScheduledTask.objects.get(schedule__key="weekly", task="database_maintenance")
    now = timezone.now()
    for hours, late in ((8, 60), (1, 90)):
        due = now - dt.timedelta(hours=hours)
        Occurrence.objects.create(
            schedule=task.schedule, version=task.schedule.versions.get(), scheduled_task=task, position=1,
            task=task.task, due_at=due, start_by=now, planned_at=due, state="started",
            decided_at=due + dt.timedelta(seconds=late), run=make_run(),
        )  # fmt: skip
    found = scrape(client)
    comes = found["zbmaint_task_next_run_timestamp_seconds"]
    assert comes.value(task=task.task) == task.schedule.next_due_at.timestamp()  # type: ignore[union-attr]
    assert found["zbmaint_task_period_seconds"].value(task=task.task) == 7 * 86400
    assert found["zbmaint_task_lateness_seconds"].value(task=task.task) == 90
    Schedule.objects.update(paused_at=now, paused_until=now.date() + dt.timedelta(days=3))
    assert not {"zbmaint_task_next_run_timestamp_seconds", "zbmaint_task_period_seconds"} & set(scrape(client))


def test_the_period_is_the_longest_gap() -> None:
    assert tasks.longest_gap("0 2 * * 1-5", "UTC", dt.date(2026, 4, 6)) == 3 * 86400
    assert tasks.longest_gap("0 2 29 2 *", "UTC", dt.date(2026, 4, 6)) == (4 * 365 + 1) * 86400
    assert tasks.longest_gap("nonsense", "UTC", dt.date(2026, 4, 6)) is None


def test_services_are_up_down_or_unknown(client: Client) -> None:
    now = timezone.now()
    for name, state, last in (("A", "up", now), ("B", "down", now), ("C", "degraded", now), ("D", "up", None)):
        Probe.objects.filter(pk=make_probe(name).pk).update(state=state, last_at=last, last_ms=20)
    found = scrape(client)
    up = found["zbmaint_probe_up"]
    assert [up.value(service=name) for name in "ABCD"] == [1, 0, 1, None]
    assert found["zbmaint_probe_duration_seconds"].value(service="A") == 0.02
    assert found["zbmaint_probe_duration_seconds"].value(service="D") is None


def test_days_that_are_rolled_again_are_read_again(client: Client) -> None:
    rolling.roll_stale(timezone.now())
    yesterday = days.day_of(timezone.now()) - days.A_DAY
    a_day(yesterday, 0, up=1)
    for down in (0.25, 0.75):
        ServiceDay.objects.filter(day=yesterday, probe=0).update(down=round(down * MICROSECONDS))
        rolling.roll_stale(timezone.now())
        ratio = scrape(client)["zbmaint_uptime_ratio"]
        assert ratio.value(service="system", window="1d", kind="gross") == pytest.approx(1 / (1 + down))


def a_day(day: dt.date, probe: int, **shares: float) -> None:
    """A day of a service, in shares of the day."""
    lengths = {name: round(share * MICROSECONDS) for name, share in shares.items()}
    ServiceDay.objects.create(day=day, probe=probe, **lengths)


def test_uptime_is_of_whole_days_and_today(client: Client) -> None:
    probe, today = make_probe("system"), days.day_of(timezone.now())
    for back, down in ((0, 0.1), (1, 0.3), (6, 0.0), (40, 0.5)):
        part = {
            "up": 0.8 - down,
            "down": down,
            "unknown": 0.2,
            "net_up": 0.8 - down,
            "net_down": 0,
            "maintenance": down,
        }
        ServiceDay.objects.create(
            day=today - back * days.A_DAY,
            probe=probe.pk,
            **{name: int(share * MICROSECONDS) for name, share in part.items()},
        )
    ServiceDay.objects.create(
        day=today, probe=0, up=MICROSECONDS, net_up=3 * MICROSECONDS // 4, net_down=MICROSECONDS // 4
    )
    found = scrape(client)
    ratio, name = found["zbmaint_uptime_ratio"], f"system (probe {probe.pk})"
    assert ratio.value(service=name, window="1d", kind="gross") == pytest.approx(1.2 / 1.6)
    assert ratio.value(service=name, window="1d", kind="net") == 1
    assert ratio.value(service=name, window="7d", kind="gross") == pytest.approx(2.0 / 2.4)
    assert ratio.value(service=name, window="90d", kind="gross") == pytest.approx(2.3 / 3.2)
    assert ratio.value(service="system", window="30d", kind="net") == 0.75
    coverage = found["zbmaint_uptime_coverage_ratio"]
    assert coverage.value(service=name, window="1d") == pytest.approx(1.2 / 1.6)
    assert found["zbmaint_slo_error_budget_remaining_ratio"].value(service=name) == 1


def test_a_budget_burns_by_spans_outside_of_approved_maintenance(client: Client, people: dict[str, Person]) -> None:
    now = timezone.now()
    probe = make_probe("Web")
    Probe.objects.filter(pk=probe.pk).update(slo_percent="99.000", interval_seconds=5, timeout_seconds=1)
    for begins, ends, state in ((180, 60, "up"), (60, 30, "down"), (30, -1, "up")):
        begin, end = now - dt.timedelta(minutes=begins), now - dt.timedelta(minutes=ends)
        Span.objects.create(probe=probe, begins=begin, ends=end, state=state)
    burn = scrape(client)["zbmaint_slo_burn_rate"]
    assert burn.value(service="Web", window="1h") == pytest.approx(50, rel=0.01)
    assert burn.value(service="Web", window="5m") == 0
    window = MaintenanceWindow.objects.create(
        begins_at=now - dt.timedelta(minutes=60), ends_at=now - dt.timedelta(minutes=45), reason="r",
        requested_by=people["lead"], requested_at=now,
    )  # fmt: skip
    window.services.add(probe)
    Kept.forget_all()
    assert scrape(client)["zbmaint_slo_burn_rate"].value(service="Web", window="1h") == pytest.approx(50, rel=0.01)
    MaintenanceWindow.objects.update(approved_at=now, approved_by=people["admin"])
    Kept.forget_all()
    burn = scrape(client)["zbmaint_slo_burn_rate"]
    assert burn.value(service="Web", window="1h") == pytest.approx(15 / 45 * 100, rel=0.01)


def test_one_reading_is_no_uptime(client: Client) -> None:
    probe, today = make_probe("Web"), days.day_of(timezone.now())
    minute = 1 / 1440
    for back, known in ((0, minute), (3, 0.4), (20, 1.0)):
        a_day(today - back * days.A_DAY, probe.pk, up=known, net_up=known, unknown=(0.6 if known == 0.4 else 0))
    found = scrape(client)
    ratio = found["zbmaint_uptime_ratio"]
    assert [ratio.value(service="Web", window=each, kind="net") for each in ("1d", "7d", "30d")] == [None, None, 1]
    assert ratio.value(service="Web", window="7d", kind="gross") is None
    coverage = found["zbmaint_uptime_coverage_ratio"]
    assert coverage.value(service="Web", window="7d") == pytest.approx(0.4, abs=0.001)
    assert found["zbmaint_slo_error_budget_remaining_ratio"].value(service="Web") == 1


def test_days_lie_in_every_window_that_reaches_back_to_them(client: Client) -> None:
    probe, today = make_probe("Web"), days.day_of(timezone.now())
    for back in (1, 2, 7, 8, 30, 31, 90, 91):
        a_day(today - back * days.A_DAY, probe.pk, up=0.5, down=0.5, net_up=1 - back / 200, net_down=back / 200)
    ratio = scrape(client)["zbmaint_uptime_ratio"]
    backs = {"1d": [1], "7d": [1, 2, 7], "30d": [1, 2, 7, 8, 30], "90d": [1, 2, 7, 8, 30, 31, 90]}
    for window, counted in backs.items():
        expected = 1 - sum(counted) / len(counted) / 200
        assert ratio.value(service="Web", window=window, kind="net") == pytest.approx(expected)


def test_a_window_that_is_approved_hides_a_service_while_it_holds(client: Client, people: dict[str, Person]) -> None:
    now = timezone.now()
    probe, other, third = make_probe("Web"), make_probe("Other"), make_probe("Third")
    Probe.objects.filter(pk__in=[probe.pk, other.pk, third.pk]).update(state="down", last_at=now, last_ms=20)
    window = MaintenanceWindow.objects.create(
        begins_at=now - dt.timedelta(minutes=5), ends_at=now + dt.timedelta(minutes=5), reason="r",
        requested_by=people["lead"], requested_at=now,
    )  # fmt: skip
    window.services.add(probe)
    for approved, told in ((None, 0), (now, None)):
        MaintenanceWindow.objects.update(approved_at=approved, approved_by=people["admin"] if approved else None)
        up = scrape(client)["zbmaint_probe_up"]
        assert (up.value(service="Web"), up.value(service="Other")) == (told, 0)
    Probe.objects.filter(pk=other.pk).update(planned_until=now + dt.timedelta(minutes=5), planned_reason="r")
    assert scrape(client)["zbmaint_probe_up"].value(service="Other") is None
    Probe.objects.filter(pk=other.pk).update(planned_until=now - dt.timedelta(minutes=1))
    assert scrape(client)["zbmaint_probe_up"].value(service="Other") == 0
    Probe.objects.filter(pk=other.pk).update(paused_at=now)
    assert scrape(client)["zbmaint_probe_up"].value(service="Other") is None


def test_a_look_stands_where_its_probe_does() -> None:
    now = timezone.now()
    ages = {"fresh": 1, "old": 100_000}
    for state in ("up", "down", "degraded", "unknown"):
        for name, age in ages.items():
            probe = make_probe(f"{name} {state}")
            Probe.objects.filter(pk=probe.pk).update(state=state, last_at=now - dt.timedelta(seconds=age))
    Probe.objects.filter(pk=probe.pk).update(paused_at=now)
    Probe.objects.filter(name="old up").update(planned_until=now + dt.timedelta(hours=1), planned_reason="r")
    looks = {look[0]: services.Look(*look) for look in services._LOOKS.rows(now)}
    states = {probe.pk: probe.state_at(now) for probe in Probe.objects.filter(retired_at__isnull=True)}
    assert {pk: look.state_at(now) for pk, look in looks.items()} == states
    assert set(states.values()) == {"up", "down", "degraded", "unknown", "paused", "maintenance"}


def test_findings_go_to_zero_and_do_not_vanish(client: Client) -> None:
    finding = add_finding(make_run(), "high")
    opened = scrape(client)["zbmaint_findings_open"]
    assert [opened.value(kind="held", severity=each) for each in ("high", "low")] == [1, 0]
    finding.state, finding.resolved_at = "resolved", timezone.now()
    finding.save()
    assert scrape(client)["zbmaint_findings_open"].value(kind="held", severity="high") == 0


def test_deliveries_of_the_webhook_are_counted_for_good(client: Client) -> None:
    notices = [post("run:1:finished"), post("run:2:finished"), post("run:3:finished", transport="email")]
    for state in ("sending", "failed", "sending", "sent"):
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(state=state)
    Notice.objects.update(settled_at=timezone.now() - dt.timedelta(days=1000))
    for _ in range(2):
        told = scrape(client)["zbmaint_webhook_deliveries_total"]
        assert [told.value(result=each) for each in ("sent", "failed", "dead")] == [2, 2, 0]
        notice_retention.purge(timezone.now())
    assert (Notice.objects.count(), AttemptCount.objects.count()) == (0, 2)


def test_the_database_and_the_ticker_are_told_of(client: Client) -> None:
    Presence("ticker", "t").beat()
    found = scrape(client)
    assert found["zbmaint_scheduler_heartbeat_timestamp_seconds"].value() == pytest.approx(
        timezone.now().timestamp(), abs=60
    )
    name = connection.settings_dict["NAME"]
    assert (found["zbmaint_pg_connections"].value(db=name, state="active") or 0) >= 1
    assert (found["zbmaint_pg_connections_usable"].value() or 0) > 10
    assert 0 < len(found["zbmaint_pg_dead_tuples"].samples) <= 50
    assert {"zbmaint_pg_xid_age", "zbmaint_pg_mxid_age"} <= set(found)


def test_a_scrape_is_so_many_queries_however_much_there_is(client: Client) -> None:
    for number in range(3):
        make_run(task=f"task_{number}")
        add_finding(make_run(), kind=f"kind_{number}")
        Span.objects.create(
            probe=make_probe(f"P{number}"), begins=timezone.now() - dt.timedelta(1), ends=timezone.now(), state="up"
        )
    rolling.roll_stale(timezone.now())
    for number in (13, 6):  # what comes from days, ends and spans is kept for a moment
        with CaptureQueriesContext(connection) as queries:
            scrape(client)
        assert len(queries) == number, [query["sql"][:80] for query in queries]


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "::ffff:127.0.0.1", 200),
        ({}, "10.0.0.7", 403),
        ({}, "", 403),
        ({"X-Forwarded-For": "10.0.0.7"}, "127.0.0.1", 403),
        ({"X-Forwarded-Proto": "https"}, "127.0.0.1", 403),
        ({"Authorization": f"Bearer {TOKEN}"}, "10.0.0.7", 200),
        ({"Authorization": f"bearer {TOKEN}", "X-Forwarded-For": "10.0.0.7"}, "127.0.0.1", 200),
        ({"Authorization": f"Bearer {TOKEN}"}, "127.0.0.1", 200),
        ({"Authorization": f"Bearer {TOKEN}x"}, "10.0.0.7", 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, "127.0.0.1", 401),
        ({"Authorization": f"Basic {TOKEN}"}, "10.0.0.7", 401),
        ({"Authorization": "Bearer ä"}, "127.0.0.1", 401),
        ({"Authorization": "Bearer "}, "127.0.0.1", 200),
    ],
)
def test_who_may_scrape(settings: Any, client: Client, headers: dict[str, str], address: str, status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == status
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    if status != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert "METRICS_TOKEN" in answer.json()["detail"]


def test_without_a_token_none_is_the_right_one(client: Client) -> None:
    answer = client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="10.0.0.7")
    assert answer.status_code == 403
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="127.0.0.1")
    assert answer.status_code == 401


def test_a_network_may_be_allowed(settings: Any, client: Client) -> None:
    settings.METRICS_ALLOWED = ["10.1.0.0/16"]
    assert client.get("/metrics", REMOTE_ADDR="10.1.3.4").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403


def test_it_is_read_alone_and_without_a_session(client: Client) -> None:
    answer = client.post("/metrics")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    answer = client.get("/metrics")
    assert not answer.cookies
    assert "Content-Security-Policy" not in answer.headers


def test_without_the_database_it_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: dt.datetime) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(tasks, "ask", broken)
    answer = client.get("/metrics")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")


def test_a_question_that_fails_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "_COUNTS", "SELECT %s::text, %s::text, 1 / 0")
    answer = client.get("/metrics")
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "could not be read" in answer.json()["detail"]


def test_settings_that_let_nobody_or_anybody_in_are_refused(settings: Any) -> None:
    settings.METRICS_ALLOWED, settings.METRICS_TOKEN = ["10.0.0.1/16", "nowhere"], "short"
    assert [error.id for error in run_checks()] == ["zbmaint.E002", "zbmaint.E002", "zbmaint.E003"]
