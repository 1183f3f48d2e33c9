"""The search box of the top bar finds runs by number and by task, for whoever may read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from incidents.models import Ticket
from tests.incidents.made import make_ticket
from tests.incidents.views.reading import words
from tests.maintenance.made import make_run
from zbmaint.access.models import Role

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def look_for(client: Client, text: str) -> Any:
    return client.get("/queue/all/?" + urlencode({"jump": "1", "status": "any", "q": text}))


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


@pytest.mark.parametrize("form", ["run {}", "Run #{}", "{}"])
def test_a_number_leads_to_its_run(viewer: Client, form: str) -> None:
    run = make_run("queued")
    answer = look_for(viewer, form.format(run.pk))
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{run.pk}/")


def test_a_ticket_of_that_number_goes_first(viewer: Client) -> None:
    run, ticket = make_run("queued"), make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(number=run.pk)
    assert look_for(viewer, str(run.pk))["Location"] == f"/tickets/{run.pk}/"
    assert look_for(viewer, f"run {run.pk}")["Location"] == f"/runs/{run.pk}/"


def test_a_number_that_nothing_has_is_said_in_the_list(viewer: Client) -> None:
    answer = look_for(viewer, "run 999999")
    assert answer.status_code == 200
    assert "Nothing matches these filters" in answer.content.decode()


def test_words_of_a_task_lead_to_its_runs_beside_the_tickets(viewer: Client) -> None:
    page = look_for(viewer, "database main").content.decode()
    assert '<a href="/runs/?task=database_maintenance">' in page
    assert "Runs of Database maintenance" in words(page)
    assert "found-beside" not in look_for(viewer, "mail").content.decode()
    assert "found-beside" not in viewer.get("/queue/all/").content.decode()


def test_not_for_whoever_may_not_read_runs(viewer: Client) -> None:
    Role.objects.get(key="viewer").permissions.remove(Permission.objects.get(codename="view_run"))
    run = make_run("queued")
    assert look_for(viewer, f"run {run.pk}").status_code == 200
    assert "found-beside" not in look_for(viewer, "database").content.decode()
