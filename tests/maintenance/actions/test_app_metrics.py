"""Numbers of applications: kept once a minute, measured of ourselves, read with their peaks."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from django.utils import timezone

from maintenance.actions import app_metrics
from maintenance.actions.app_metrics import Measured
from maintenance.connectors import own
from maintenance.kpis import application_numbers
from maintenance.models import AppMetric, Target
from maintenance.prober.recording import Told, keep_told
from tests.maintenance.probing import make_probe
from zbmaint.queue.footprint import footprint
from zbmaint.queue.models import Process
from zbmaint.queue.presence import Presence

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 4, 5, 12, 0, 30, tzinfo=dt.UTC)
A_MINUTE = dt.timedelta(minutes=1)


def application() -> Target:
    return Target.objects.create(name="api", kind="application", reference="env:API_URL")


def test_one_a_minute_is_kept_the_first() -> None:
    for seconds, value in ((0, 1.0), (20, 2.0), (40, 3.0)):
        app_metrics.keep([Measured("api", NOON + dt.timedelta(seconds=seconds), {"threads_live": value})])
    rows = list(AppMetric.objects.values_list("at", "value"))
    assert rows == [(NOON.replace(second=0), 1.0), (NOON.replace(minute=1, second=0), 3.0)]


def test_our_own_processes_are_measured_by_kind_and_our_database() -> None:
    for kind, name in (("worker", "long"), ("worker", "short"), ("web", "web")):
        Presence(kind, name).beat()
    Presence("ticker", "ticker").beat()
    Process.objects.filter(kind="ticker").update(seen_at=timezone.now() - A_MINUTE)
    found = app_metrics.keep_own(NOON)
    assert set(found) == {"zbmaint web", "zbmaint workers", own.DATABASE}
    mine = footprint()
    assert mine is not None
    assert found["zbmaint workers"]["processes"] == 2
    assert found["zbmaint workers"]["memory_used_bytes"] == pytest.approx(2 * mine.memory_bytes, rel=0.2)
    assert 1 <= found[own.DATABASE]["connections"] <= found[own.DATABASE]["connections_max"]
    assert AppMetric.objects.filter(source="zbmaint web", name="threads_live").count() == 1


def test_a_footprint_is_that_of_the_process_and_its_children() -> None:
    before = footprint()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(reading, 1)
        os._exit(0)
    try:
        after = footprint()
    finally:
        os.write(writing, b"x")
        os.waitpid(child, 0)
    assert before is not None
    assert after is not None
    assert after.threads == before.threads + 1
    assert after.memory_bytes > before.memory_bytes


def test_what_a_probe_reads_by_the_way_is_kept_under_the_name_of_the_target(installed: None) -> None:
    probe = make_probe("API", kind="application", parameters={}, target=application())
    web = make_probe("Web")
    keep_told([Told(each, NOON, {"threads_live": 143.0}) for each in (probe.pk, web.pk, probe.pk + web.pk)])
    assert AppMetric.objects.values_list("source", "name", "value").get() == ("api", "threads_live", 143.0)


def test_the_last_number_and_the_peak_of_today_are_read() -> None:
    application()
    yesterday = NOON - dt.timedelta(days=1)
    for at, value in ((yesterday, 900.0), (NOON - 60 * A_MINUTE, 500.0), (NOON - 3 * A_MINUTE, 300.0)):
        app_metrics.keep([Measured("api", at, {"memory_used_bytes": value, "memory_max_bytes": 1000.0})])
    (source,) = application_numbers.read(NOON)
    assert source.figures == {"memory_used_bytes": 300.0, "memory_max_bytes": 1000.0}
    assert source.peaks == {"memory_used_bytes": 500.0}
    assert (source.is_own, source.memory_is_full) == (False, False)


def test_numbers_that_are_old_say_nothing_about_now() -> None:
    application()
    app_metrics.keep([Measured("api", NOON - 20 * A_MINUTE, {"threads_live": 9.0})])
    (source,) = application_numbers.read(NOON)
    assert (source.figures, source.at, source.peaks) == ({}, None, {"threads_live": 9.0})
