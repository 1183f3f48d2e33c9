"""Asking for a run."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.tasks.catalog import CATALOG
from tests.maintenance.made import make_run
from tests.maintenance.toys import succeed, with_task
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task with a parameter `size`, from 1 to 10, usually 5."""
    with_task(monkeypatch)


@pytest.fixture
def operator(client_as: SignIn) -> Client:
    return client_as("tier2")


def ask(client: Client, **values: str) -> tuple[int, str, str]:
    """Send the form; status, page, where it leads."""
    answer = client.post("/runs/new/", {"task": "toy", "target": "zbmaint", "param-size": "7"} | values)
    return answer.status_code, answer.content.decode(), answer.headers.get("Location", "")


def test_the_form_stands_ready_for_the_products_own_database(operator: Client) -> None:
    html = operator.get("/runs/new/").content.decode()
    assert '<option value="database_maintenance" selected>' in html
    assert '<option value="zbmaint" selected>' in html


def test_it_asks_for_the_run_and_leads_to_its_page(operator: Client, people: dict[str, Person]) -> None:
    status, _, location = ask(operator, dry_run="on")
    run = Run.objects.get()
    assert (status, location) == (302, f"/runs/{run.pk}/")
    assert (run.task, run.state, run.origin, run.dry_run) == ("toy", "queued", Origin.PERSON, True)
    assert (run.requested_by, run.parameters) == (people["tier2"], {"size": 7})
    assert OrmQ.objects.get().task["args"] == (run.pk, str(run.token))
    assert AuditEntry.objects.latest("id").actor == people["tier2"]


def test_task_and_target_alone_are_enough(operator: Client) -> None:
    """So that a button on another page is a form of two hidden fields."""
    operator.post("/runs/new/", {"task": "toy", "target": "zbmaint"})
    run = Run.objects.get()
    assert (run.parameters, run.dry_run) == ({"size": 5}, False)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"param-size": "11"}, "less than or equal to 10"),
        ({"param-size": "0"}, "greater than or equal to 1"),
        ({"param-size": "many"}, "Enter a whole number."),
        ({"target": "nowhere"}, "There is no such target, or it is retired."),
        ({"target": ""}, "Toy needs a target."),
        ({"task": "explode"}, "There is no task explode."),
    ],
)
def test_bad_input_is_named_and_what_was_typed_is_kept(operator: Client, values: dict[str, str], says: str) -> None:
    status, html, _ = ask(operator, **values)
    assert status == 422
    assert says in html
    assert not Run.objects.exists()
    if "param-size" in values:
        assert f'value="{values["param-size"]}"' in html


def test_a_retired_target_is_not_offered_nor_taken(operator: Client) -> None:
    Target.objects.create(name="old", reference="env:OLD", retired_at=timezone.now())
    assert 'value="old"' not in operator.get("/runs/new/").content.decode()
    assert ask(operator, target="old")[0] == 422


def test_a_run_in_the_way_is_a_conflict_with_a_link_to_it(operator: Client) -> None:
    first = make_run("running", task="toy", lock_groups=["db:zbmaint"])
    status, html, _ = ask(operator)
    assert status == 409
    assert f'href="/runs/{first.pk}/"' in html
    assert 'value="7"' in html
    assert Run.objects.count() == 1


def test_what_only_the_action_refuses_is_said_too(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with_task(monkeypatch, succeed, needs="")
    status, html, _ = ask(operator)
    assert status == 409
    assert "Toy does not work on" in html


def test_run_again_fills_in_the_form(operator: Client) -> None:
    Target.objects.create(name="other", reference="env:OTHER")
    run = runs.request(
        CATALOG["toy"],
        Target.objects.get(name="other"),
        actor=None,
        origin=Origin.PERSON,
        parameters={"size": 9},
        dry_run=True,
    )
    runs.request_cancel(run, None)
    html = operator.get(f"/runs/{run.pk}/").content.decode()
    link = html.split('id="run-again" href="')[1].split('"')[0].replace("&amp;", "&")
    form = operator.get(link).content.decode()
    assert '<option value="toy" selected>' in form
    assert '<option value="other" selected>' in form
    assert 'name="param-size" value="9"' in form
    assert re.search(r'<input type="checkbox" name="dry_run"[^>]* checked', form)


def test_another_task_brings_its_own_settings(operator: Client) -> None:
    fragment = operator.get("/runs/new/?task=toy&target=zbmaint", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'name="param-size" value="5"' in fragment


def test_who_may_not_start_runs_reads_which_roles_may(client_as: SignIn) -> None:
    answer = client_as("viewer").get("/runs/new/")
    assert answer.status_code == 403
    assert "Tier 2" in answer.content.decode()
    assert client_as("manager").post("/runs/new/", {"task": "toy", "target": "zbmaint"}).status_code == 403
    assert not Run.objects.exists()
