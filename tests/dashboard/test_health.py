from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from incidents.models import Delivery as Stored
from maintenance.actions import runs
from maintenance.models import Origin, Probe, Run, Schedule, Target
from tests.incidents.sourcing import body_of, keep, make_source, of
from tests.incidents.sourcing import work as read_all
from tests.maintenance.toys import succeed, toy
from tests.notifications.posting import post
from zbmaint.notifications.actions import notices
from zbmaint.notifications.transports.transport import Delivery
from zbmaint.queue import canary
from zbmaint.queue.models import Process
from zbmaint.queue.presence import Presence
from zbmaint.rollup import rolling
from zbmaint.rollup.models import Rolled

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work() -> None:
    beat()


def beat() -> None:
    for kind, name in (("worker", "long"), ("worker", "short"), ("ticker", "ticker"), ("prober", "prober")):
        Presence(kind, name).beat()
    # As if all of this had gone on for the time that other tests took.
    Probe.objects.update(next_at=timezone.now())
    rolling.roll_stale(timezone.now())


def ready() -> tuple[int, dict[str, dict[str, Any]]]:
    answer = Client().get("/healthz/ready")
    return answer.status_code, {part["name"]: part for part in answer.json()["parts"]}


def test_live_needs_no_sign_in_and_no_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz/live")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_ready_when_every_part_is_at_work(at_work: None) -> None:
    status, parts = ready()
    assert (status, {name: part["ok"] for name, part in parts.items()}) == (
        200,
        {
            "database": True,
            "cache": True,
            "workers": True,
            "ticker": True,
            "prober": True,
            "queue": True,
            "notices": True,
            "deliveries": True,
            "canary": True,
            "schedules": True,
            "figures": True,
        },
    )


def test_it_says_which_part_is_missing_and_what_to_start() -> None:
    status, parts = ready()
    assert status == 503
    assert parts["workers"] == {
        "name": "workers",
        "ok": False,
        "says": "no worker for queue long, short: start `manage.py worker long`",
    }
    assert "manage.py ticker" in parts["ticker"]["says"]


def test_to_say_no_is_no_error_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("django.request").addHandler(caplog.handler)
    try:
        status, _ = ready()
        Client().get("/no/such/page")
    finally:
        logging.getLogger("django.request").removeHandler(caplog.handler)
    assert status == 503
    assert [record.getMessage() for record in caplog.records if "healthz" in record.getMessage()] == []
    assert any("/no/such/page" in record.getMessage() for record in caplog.records)


def test_a_cache_that_is_down_is_named_without_its_address(at_work: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    status, parts = ready()
    assert (status, parts["cache"]["ok"]) == (503, False)
    assert "hunter2" not in json.dumps(parts)


def test_a_prober_is_missed_only_while_there_are_probes(at_work: None) -> None:
    Process.objects.filter(kind="prober").delete()
    status, parts = ready()
    assert (status, parts["prober"]["says"]) == (503, "silent: start `manage.py prober`")
    Probe.objects.update(paused_at=timezone.now())
    assert ready()[1]["prober"]["says"] == "nothing to look at"


def test_probes_that_are_not_read_in_time_are_a_prober_that_is_stuck(at_work: None) -> None:
    Probe.objects.filter(kind="disk").update(next_at=timezone.now() - dt.timedelta(minutes=3))
    status, parts = ready()
    assert (status, parts["prober"]["says"]) == (503, "1 of 6 probes are not read in time")


def test_figures_that_stand_still_are_said_with_the_reason(at_work: None, settings: Any) -> None:
    Rolled.objects.filter(kind="tickets").update(at=dt.datetime(2026, 4, 5, 12, 4, tzinfo=dt.UTC))
    status, parts = ready()
    assert (status, parts["figures"]["says"]) == (503, "not rolled up since 2026-04-05 12:04 UTC")
    beat()
    assert ready()[0] == 200
    settings.REPORT_TIME_ZONE = "Europe/Berlin"
    with pytest.raises(rolling.RollRefused):
        rolling.roll_stale(timezone.now())
    assert ready()[1]["figures"]["says"] == (
        "stand still: days were rolled in UTC, and REPORT_TIME_ZONE is Europe/Berlin. "
        "Run `manage.py rollup --rebuild`, or set it back"
    )


def test_a_run_that_waits_too_long_is_stuck(at_work: None, own_target: Target) -> None:
    run = runs.request(toy(succeed), own_target, actor=None, origin=Origin.PERSON)
    assert ready()[0] == 200
    Run.objects.update(queued_at=timezone.now() - dt.timedelta(minutes=6))
    status, parts = ready()
    assert (status, parts["queue"]["ok"]) == (503, False)
    assert f"run {run.pk} has waited 36" in parts["queue"]["says"]


def test_a_canary_that_does_not_come_back_is_a_stuck_queue_unless_every_worker_is_busy(
    at_work: None, own_target: Target
) -> None:
    canary.send("long")
    assert ready()[1]["canary"]["ok"]
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=50)):
        beat()
        status, parts = ready()
        assert (status, parts["canary"]["ok"]) == (503, False)
        assert "its workers are stuck" in parts["canary"]["says"]
        for _ in range(4):
            Run.objects.create(task="toy", origin=Origin.PERSON, state="running", timeout_seconds=1)
        assert ready()[1]["canary"]["ok"]


def test_a_canary_of_the_short_queue_waits_behind_deliveries_without_being_stuck(at_work: None) -> None:
    canary.send("short")
    notice = post()
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=50)):
        beat()
        assert "nothing came out of queue short" in ready()[1]["canary"]["says"]
        assert notices.claim(str(notice.pk), str(notice.token), "host:1")
        assert ready()[1]["canary"]["ok"]


def test_a_notice_that_does_not_leave_is_stuck_and_one_that_is_tried_again_is_not(at_work: None) -> None:
    notice = post()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        beat()
        status, parts = ready()
        assert (status, parts["notices"]["says"]) == (503, "1 due for 5 minutes")
        failing = notices.claim(str(notice.pk), str(notice.token), "host:1")
        assert failing is not None
        notices.settle(failing, Delivery(False, "HTTP 500", 500))
        assert ready()[1]["notices"]["ok"]


def test_a_schedule_in_error_and_one_that_is_behind_are_named(at_work: None) -> None:
    Schedule.objects.filter(key="weekly").update(error="no cron")
    assert ready()[1]["schedules"]["says"] == "in error: Weekly maintenance"
    Schedule.objects.update(error="", next_due_at=timezone.now() - dt.timedelta(minutes=3))
    assert ready()[1]["schedules"]["says"] == "5 are due and not planned"


def test_every_page_says_what_is_stuck(client_as: Callable[[str], Client], settings: Any) -> None:
    settings.STUCK_BANNER_SECONDS = 1e-9
    page = client_as("viewer").get("/runs/").content.decode()
    assert "Part of the desk itself does not work." in page
    assert "Ticker: silent" in page
    beat()
    assert "does not work" not in client_as("viewer").get("/runs/").content.decode()


def test_ready_refuses_other_methods() -> None:
    assert Client().post("/healthz/ready").status_code == 405


class TestOpsStatus:
    def call(self, *arguments: str) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("ops_status", *arguments, stdout=out)
        except SystemExit as end:
            return int(str(end.code)), out.getvalue()
        return 0, out.getvalue()

    def test_it_ends_with_0_when_all_is_well(self, at_work: None) -> None:
        status, text = self.call()
        assert status == 0
        assert "queue long: 0 messages, 1 workers" in text
        assert "queue short: 0 messages, 1 workers" in text

    def test_it_ends_with_1_when_something_is_stuck(self) -> None:
        status, text = self.call()
        assert status == 1
        assert "STUCK  workers" in text

    def test_json_has_workers_queue_and_lag(self, at_work: None, own_target: Target) -> None:
        runs.request(toy(succeed), own_target, actor=None, origin=Origin.PERSON)
        status, text = self.call("--json")
        answer = json.loads(text)
        assert (status, answer["queues"]["long"], answer["ok"]) == (0, {"depth": 1, "workers": 1}, True)
        assert 0 <= answer["lag_seconds"] < 60
        assert {row["kind"] for row in answer["processes"]} == {"worker", "ticker", "prober"}


def test_not_ready_when_deliveries_of_sources_are_not_read(at_work: None) -> None:
    delivery = keep(make_source(), body_of([of("a")]))
    assert ready()[1]["deliveries"]["ok"]
    Stored.objects.filter(pk=delivery.pk).update(received_at=timezone.now() - dt.timedelta(minutes=6))
    assert ready()[1]["deliveries"]["says"] == "1 of alert sources wait for 5 minutes"
    read_all()
    assert ready()[1]["deliveries"]["says"] == "are read in time"
