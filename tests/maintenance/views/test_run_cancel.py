"""Cancelling a run from its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from maintenance.models import Run
from maintenance.rules import run_states
from tests.maintenance.made import make_run
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

SignIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def operator(client_as: SignIn) -> Client:
    return client_as("tier2")


def test_a_running_run_is_asked_to_stop(operator: Client, people: dict[str, Person]) -> None:
    run = make_run(run_states.RUNNING)
    answer = operator.post(f"/runs/{run.pk}/cancel/", headers=HTMX)
    run.refresh_from_db()
    assert (run.state, run.cancel_requested_by) == ("running", people["tier2"])
    assert answer.status_code == 200
    assert "Cancelling" in answer.content.decode()
    assert AuditEntry.objects.latest("id").verb == "run_cancel_requested"


def test_a_queued_run_is_cancelled_at_once(operator: Client) -> None:
    run = make_run(run_states.QUEUED)
    answer = operator.post(f"/runs/{run.pk}/cancel/", headers=HTMX)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert answer.status_code == 286
    assert "Nothing was changed" in answer.content.decode()


def test_without_javascript_it_leads_back_to_the_run(operator: Client) -> None:
    run = make_run(run_states.RUNNING)
    answer = operator.post(f"/runs/{run.pk}/cancel/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/runs/{run.pk}/")


def test_a_run_that_has_ended_meanwhile_stays_as_it_is_and_is_shown_with_the_reason(operator: Client) -> None:
    run = make_run(run_states.SUCCEEDED, verdict="All is well.")
    answer = operator.post(f"/runs/{run.pk}/cancel/", headers=HTMX)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "has ended already" in html
    assert "All is well." in html
    plain = operator.post(f"/runs/{run.pk}/cancel/", follow=True)
    assert "has ended already" in plain.content.decode()
    assert Run.objects.get().state == "succeeded"


def test_it_takes_a_post_by_somebody_who_may(client_as: SignIn, operator: Client) -> None:
    run = make_run(run_states.RUNNING)
    assert operator.get(f"/runs/{run.pk}/cancel/").status_code == 405
    assert client_as("viewer").post(f"/runs/{run.pk}/cancel/").status_code == 403
    assert operator.post("/runs/999999/cancel/").status_code == 404
    run.refresh_from_db()
    assert run.cancel_requested_at is None


def test_it_takes_a_csrf_token(people: dict[str, Person]) -> None:
    run = make_run(run_states.RUNNING)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["tier2"], backend="zbmaint.access.backend.RoleBackend")
    assert strict.post(f"/runs/{run.pk}/cancel/").status_code == 403
