"""The overview: what runs now, what ran last, what is found wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from maintenance.models import Finding
from tests.maintenance.made import add_finding, make_run
from zbmaint.access.models import Role
from zbmaint.dashboard.views import overview

ClientAs = Callable[[str], Client]


def test_a_new_installation_says_that_nothing_has_run(client_as: ClientAs) -> None:
    page = client_as("viewer").get("/").content.decode()
    assert "Nothing has run yet" in page


def test_whoever_may_start_a_run_is_led_there(client_as: ClientAs) -> None:
    assert 'href="/runs/new/"' in client_as("tier2").get("/").content.decode()
    assert 'href="/runs/new/"' not in client_as("tier1").get("/").content.decode()


def test_runs_that_are_under_way_stand_first(client_as: ClientAs) -> None:
    running, queued = make_run("running", progress=58), make_run("queued")
    page = client_as("viewer").get("/").content.decode()
    assert 'value="58"' in page
    assert f"Open run {running.pk}" in page
    assert f"Open run {queued.pk}" in page
    assert "waits for a worker" in page


def test_a_run_that_is_being_cancelled_says_so(client_as: ClientAs) -> None:
    make_run("running", cancel_requested_at=timezone.now())
    assert "is being cancelled" in client_as("viewer").get("/").content.decode()


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("succeeded", "Succeeded"),
        ("warning", "Warning"),
        ("failed", "Failed"),
        ("lost", "Lost"),
        ("timed_out", "Timed out"),
    ],
)
def test_the_last_runs_stand_with_state_and_verdict(client_as: ClientAs, state: str, label: str) -> None:
    run = make_run(state, verdict="One table could not be vacuumed.")
    page = client_as("viewer").get("/").content.decode()
    assert f'data-state="{state}"' in page
    assert f"{label}</span>" in page
    assert f'href="/runs/{run.pk}/"' in page
    assert "One table could not be vacuumed." in page


def test_only_the_last_eight_runs_stand_there_newest_first(db: None) -> None:
    made = [make_run() for _ in range(overview.LAST + 1)]
    assert [row.run.pk for row in overview.read().last] == [run.pk for run in reversed(made[1:])]


def test_findings_are_counted_by_severity_and_only_the_open_ones(db: None) -> None:
    run, today = make_run("warning"), timezone.now().date()
    ended = add_finding(run, "medium", subject="ended", state="accepted", accepted_until=today - dt.timedelta(days=1))
    for number, (severity, state) in enumerate(
        [("critical", "new"), ("high", "ongoing"), ("high", "new"), ("high", "resolved"), ("low", "accepted")]
    ):
        add_finding(run, severity, subject=f"t{number}", state=state, accepted_until=today)
    seen = overview.read()
    assert seen.findings == [("critical", 1), ("high", 2), ("medium", 1), ("low", 0)]
    assert seen.findings_in_all == 4
    assert ended.state == "accepted"
    assert Finding.objects.count() == 6


def test_the_number_of_queries_does_not_grow_with_the_rows(client_as: ClientAs, django_assert_num_queries: Any) -> None:
    client = client_as("viewer")
    for number in range(12):
        add_finding(make_run("warning"), subject=f"t{number}")
        make_run("running")
    client.get("/")
    # session, person with role and permissions, active runs, finished runs, findings, two banners, saved views
    with django_assert_num_queries(8):
        client.get("/")


def test_htmx_gets_the_moving_part_alone(client_as: ClientAs) -> None:
    make_run("running")
    fragment = client_as("viewer").get("/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip().startswith('<div class="stack" id="overview"')
    assert "<html" not in fragment
    assert 'hx-trigger="every 5s"' in fragment


def test_going_back_gets_the_whole_page(client_as: ClientAs) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client_as("viewer").get("/", headers=headers).content.decode()


def test_somebody_who_may_not_see_runs_sees_none(client_as: ClientAs) -> None:
    run = make_run(started_at=timezone.now() - timedelta(minutes=1))
    client = client_as("viewer")
    Role.objects.get(key="viewer").permissions.clear()
    page = client.get("/").content.decode()
    assert f"/runs/{run.pk}/" not in page
    assert "Nothing to show" in page
