"""What the page of a run says about the monitoring webhook."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from maintenance import notices
from maintenance.models import Run
from tests.maintenance.made import make_run
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
NOW = timezone.now


@pytest.fixture(autouse=True)
def _a_webhook(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MONITORING_WEBHOOK_URL", "https://monitoring.example.org/T0PSECRETPATH")
    environment.setenv("MONITORING_WEBHOOK_SECRET", "hunter2")


def told(state: str, **facts: Any) -> Run:
    """An ended run whose notice is in `state`."""
    run = make_run(finished_at=NOW() - dt.timedelta(minutes=5))
    notices.run_finished(run)
    Notice.objects.update(state=state, **facts)
    return run


def section(html: str) -> str:
    found = re.search(r'<section[^>]*id="run-webhook".*?</section>', html, re.DOTALL)
    assert found is not None
    return found[0]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", section(html))).strip()


def page(client: Client, run: Run) -> str:
    return client.get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize(
    ("state", "facts", "says"),
    [
        ("queued", {}, r"Queued The report waits to be sent\."),
        ("sending", {"attempts": 2, "last_error": "HTTP 500"}, r"Sending The report is being sent, attempt 2\.$"),
        ("sent", {"attempts": 1}, r"Delivered 12 s after the end of the run, \d+ \w+ \d+, \d\d:\d\d UTC\."),
        ("sent", {"attempts": 4}, r"Delivered 12 s after .* UTC, at attempt 4\."),
        (
            "failed",
            {"attempts": 3, "last_error": "HTTP 500 Internal Server Error"},
            r"Retrying Next attempt: in 3m\. Tried until .* UTC\. Attempt 3 failed: HTTP 500 Internal Server Error$",
        ),
        ("dead", {"attempts": 200, "last_error": "HTTP 404"}, r"Dead Given up .* UTC\. Attempt 200 failed: HTTP 404$"),
        ("cancelled", {}, r"Cancelled It was cancelled .* UTC\."),
    ],
)
def test_it_says_what_became_of_the_report(client_as: SignIn, state: str, facts: dict[str, Any], says: str) -> None:
    run = told(state, next_attempt_at=NOW() + dt.timedelta(minutes=4), **facts)
    assert run.finished_at is not None
    if state in ("sent", "dead", "cancelled"):
        Notice.objects.update(settled_at=run.finished_at + dt.timedelta(seconds=12))
    html = page(client_as("viewer"), run)
    assert re.search(f"^Monitoring webhook {says}", text(html)), text(html)
    assert "T0PSECRETPATH" not in html
    assert "hunter2" not in html


def test_a_run_that_was_told_nobody_says_nothing(client_as: SignIn) -> None:
    assert "hidden" in section(page(client_as("lead"), make_run()))


def test_what_a_receiver_said_is_text(client_as: SignIn) -> None:
    assert "<script>" not in section(page(client_as("viewer"), told("failed", last_error="<script>")))


@pytest.mark.parametrize(("state", "asks"), [("queued", "2s"), ("sending", "2s"), ("failed", "10s"), ("sent", "")])
def test_it_follows_what_may_still_change_and_then_stops_asking(client_as: SignIn, state: str, asks: str) -> None:
    run, viewer = told(state), client_as("viewer")
    shown = section(page(viewer, run))
    assert (f'hx-get="/runs/{run.pk}/webhook/" hx-trigger="every {asks}"' in shown) is bool(asks)
    answer = viewer.get(f"/runs/{run.pk}/webhook/")
    assert answer.status_code == (200 if asks else 286)
    assert text(answer.content.decode()) == text(page(viewer, run))


def test_while_the_run_works_no_notice_is_read(
    client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run, viewer = make_run("running"), client_as("viewer")
    viewer.get(f"/runs/{run.pk}/")
    with django_assert_num_queries(3):  # the person, what they may, the run
        answer = viewer.get(f"/runs/{run.pk}/webhook/")
    assert answer.status_code == 286


def test_it_costs_the_page_of_an_ended_run_one_query(
    client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run, viewer = told("sent"), client_as("viewer")
    # Person, what they may, run; steps, findings, the notice; the log and two banners.
    with django_assert_num_queries(11):
        page(viewer, run)


class TestResend:
    @pytest.mark.parametrize("role", ["tier3", "lead", "admin"])
    @pytest.mark.parametrize(("state", "words"), [("dead", "Send again"), ("failed", "Send now")])
    def test_engineers_send_it_again_from_the_page(
        self, client_as: SignIn, people: dict[str, Person], role: str, state: str, words: str
    ) -> None:
        run, client = told(state), client_as(role)
        delivery = Notice.objects.get().pk
        html = page(client, run)
        assert words in section(html)
        assert f'<form id="run-resend" method="post" action="/runs/{run.pk}/webhook/resend/"' in html
        answer = client.post(f"/runs/{run.pk}/webhook/resend/", follow=True)
        assert "The report is sent to the monitoring webhook again." in answer.content.decode()
        notice = Notice.objects.get()
        assert (notice.pk, notice.state) == (delivery, "queued")
        assert AuditEntry.objects.get(verb="notice_resent").actor == people[role]

    @pytest.mark.parametrize("role", ["viewer", "tier1", "tier2", "manager"])
    def test_others_see_no_button_and_are_refused(self, client_as: SignIn, role: str) -> None:
        run, client = told("dead"), client_as(role)
        html = page(client, run)
        assert "run-resend" not in html
        assert client.post(f"/runs/{run.pk}/webhook/resend/").status_code == 403
        assert Notice.objects.get().state == "dead"

    def test_one_that_is_under_way_is_not_sent_twice(self, client_as: SignIn) -> None:
        run, client = told("sending"), client_as("lead")
        assert "<button" not in section(page(client, run))
        answer = client.post(f"/runs/{run.pk}/webhook/resend/", follow=True)
        assert "It is being sent at this moment." in answer.content.decode()

    def test_it_takes_a_post(self, client_as: SignIn) -> None:
        assert client_as("lead").get(f"/runs/{told('dead').pk}/webhook/resend/").status_code == 405
