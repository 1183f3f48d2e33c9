"""Targets: the actions, and the pages in Django admin that call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from maintenance.actions import probes, runs, targets
from maintenance.actions.runs import RunRefused
from maintenance.actions.targets import Details, TargetRefused
from maintenance.models import Origin, Target
from maintenance.rules import edits, run_states
from maintenance.tasks.catalog import CATALOG
from tests.maintenance.admin.schedule_form import mark_on
from tests.maintenance.made import make_run
from tests.maintenance.probing import make_probe
from tests.maintenance.spring import SIGN_IN, actuator, health
from tests.receivers import receiver, status
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry
from zbmaint.embedded.postgres import PostgresServer

SignIn = Callable[[str], Client]
ADD = "/admin/maintenance/target/add/"
LIST = "/admin/maintenance/target/"
GIVEN = {"name": "platform", "title": "The platform", "kind": "database", "reference": "env:PLATFORM_URL"}


def page_of(target: Target) -> str:
    return f"/admin/maintenance/target/{target.pk}/change/"


def told(client: Client, path: str, values: Mapping[str, object]) -> str:
    """Send a form and read the page that it leads to."""
    return client.post(path, dict(values), follow=True).content.decode()


@pytest.fixture
def admin(client_as: SignIn) -> Client:
    return client_as("admin")


class TestActions:
    def test_making_one_is_recorded_by_its_reference(self, people: dict[str, Person]) -> None:
        target = targets.create(Details("platform", "env:PLATFORM_URL"), actor=people["admin"])
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor, entry.target_id) == ("target_created", people["admin"], str(target.pk))
        assert entry.after is not None
        assert entry.after["reference"] == "env:PLATFORM_URL"

    @pytest.mark.parametrize(
        "reference",
        ["postgresql://zb:secret@db/zb", "env:", "env:A B", "file:", "ENV:X", "", "own2"],
    )
    def test_a_connection_url_or_another_wrong_reference_is_refused(self, db: None, reference: str) -> None:
        with pytest.raises(ValidationError):
            targets.create(Details("platform", reference), actor=None)
        assert not Target.objects.filter(name="platform").exists()

    def test_a_change_records_what_was_before_and_after_and_no_change_nothing(self, own_target: Target) -> None:
        same = Details(own_target.name, "own", own_target.title)
        targets.change(own_target, same, actor=None)
        assert not AuditEntry.objects.filter(verb="target_changed").exists()
        targets.change(own_target, Details(own_target.name, "own", "Ours"), actor=None)
        entry = AuditEntry.objects.get(verb="target_changed")
        assert (entry.before, entry.after) == ({"title": "zbmaint's own database"}, {"title": "Ours"})

    @pytest.mark.parametrize("state", sorted(run_states.ACTIVE))
    def test_under_an_active_run_only_the_title_may_change(self, own_target: Target, state: str) -> None:
        run = make_run(state)
        with pytest.raises(TargetRefused, match=f"cannot be changed while Run {run.pk} is {state}"):
            targets.change(own_target, Details(own_target.name, "env:OTHER"), actor=None)
        with pytest.raises(TargetRefused, match="cannot be retired"):
            targets.retire(own_target, actor=None)
        assert targets.change(own_target, Details(own_target.name, "own", "Ours"), actor=None).title == "Ours"

    def test_retiring_and_restoring_are_recorded_once_each(self, own_target: Target) -> None:
        for _ in range(2):
            assert targets.retire(own_target, actor=None).retired_at is not None
        for _ in range(2):
            assert targets.restore(own_target, actor=None).retired_at is None
        verbs = AuditEntry.objects.order_by("id").values_list("verb", flat=True)
        assert list(verbs)[-2:] == ["target_retired", "target_restored"]

    def test_trying_the_connection_says_what_answers(self, own_target: Target) -> None:
        answer = targets.try_connection(own_target)
        assert answer.works
        assert answer.says.startswith("PostgreSQL 18.")

    def test_trying_a_wrong_database_names_it(
        self, db: None, postgres16: PostgresServer, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("WRONG_URL", postgres16.url("nowhere", "postgres"))
        answer = targets.try_connection(targets.create(Details("wrong", "env:WRONG_URL"), actor=None))
        assert not answer.works
        assert "nowhere" in answer.says


class TestApplications:
    GOOD = Details("api", "env:API_URL", kind="application")

    @pytest.fixture(autouse=True)
    def _loopback_may_be_called(self, db: None, settings: Any) -> None:
        settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]

    def test_own_is_no_application(self) -> None:
        with pytest.raises(ValidationError, match="own is the product's own database"):
            targets.create(replace(self.GOOD, reference="own"), actor=None)

    def test_trying_says_what_the_application_says_and_no_password(self, environment: pytest.MonkeyPatch) -> None:
        target = targets.create(self.GOOD, actor=None)
        with receiver(actuator(health("UP", db="UP", redis="UP"))) as server:
            environment.setenv("API_URL", f"http://ops:hunter2@127.0.0.1:{server.port}")
            answer = targets.try_connection(target)
        assert answer == targets.Connection(True, "The application says UP with db, redis. 12 of its numbers are kept.")
        with receiver(actuator(numbers=status(404))) as server:
            environment.setenv("API_URL", server.url(""))
            assert "Its numbers cannot be read. It answers 404" in targets.try_connection(target).says
        with receiver(status(200, SIGN_IN)) as server:
            environment.setenv("API_URL", f"http://ops:hunter2@127.0.0.1:{server.port}")
            answer = targets.try_connection(target)
        assert not answer.works
        assert "perhaps a sign-in page" in answer.says
        assert "hunter2" not in answer.says

    def test_the_kind_of_one_that_something_belongs_to_stays(self) -> None:
        target = targets.create(self.GOOD, actor=None)
        assert targets.change(target, replace(self.GOOD, kind="database"), actor=None).kind == "database"
        targets.change(target, self.GOOD, actor=None)
        make_probe("API", kind="application", parameters={}, target=target)
        with pytest.raises(TargetRefused, match="probes belong to it"):
            targets.change(target, replace(self.GOOD, kind="database"), actor=None)

    def test_work_on_databases_refuses_it(self) -> None:
        target = targets.create(self.GOOD, actor=None)
        with pytest.raises(RunRefused, match=r"does not work on api\. That is: Application"):
            runs.request(CATALOG["database_maintenance"], target, actor=None, origin=Origin.PERSON)

    def test_each_kind_of_probe_wants_its_own_kind_of_target(self, own_target: Target) -> None:
        target = targets.create(self.GOOD, actor=None)
        assert probes.create(probes.Details("API", "application", target=target), actor=None).target == target
        with pytest.raises(probes.ProbeRefused, match="is no Application"):
            probes.create(probes.Details("Ours", "application", target=own_target), actor=None)
        with pytest.raises(probes.ProbeRefused, match="is no PostgreSQL database"):
            probes.create(probes.Details("Theirs", "postgres", target=target), actor=None)

    def test_admin_makes_one_and_tries_it(self, admin: Client, environment: pytest.MonkeyPatch) -> None:
        given = {"name": "api", "title": "", "kind": "application", "reference": "env:API_URL"}
        assert "was added successfully" in told(admin, ADD, given)
        chosen = {"action": "try_connection", "_selected_action": [Target.objects.get(name="api").pk]}
        with receiver(actuator()) as server:
            environment.setenv("API_URL", server.url(""))
            html = told(admin, LIST, chosen)
            assert "Api: The application says UP with db." in html
        with receiver(status(200, SIGN_IN)) as server:
            environment.setenv("API_URL", server.url(""))
            html = told(admin, LIST, chosen)
            assert "Api: the test from this web server failed. It answers 200 OK at /actuator/health with a" in html
        assert "Write env:NAME or file:/path." in told(admin, ADD, given | {"name": "ours", "reference": "own"})


class TestAdmin:
    def test_adding_one_goes_through_the_action_and_tries_the_connection(
        self, installed: None, admin: Client, people: dict[str, Person]
    ) -> None:
        html = told(admin, ADD, GIVEN)
        assert "was added successfully" in html
        assert "The environment variable PLATFORM_URL is not set here" in html
        assert AuditEntry.objects.latest("id").actor == people["admin"]
        assert Target.objects.get(name="platform").reference == "env:PLATFORM_URL"

    def test_a_url_is_refused_at_its_field_and_stays_out_of_the_database(self, admin: Client) -> None:
        html = told(admin, ADD, GIVEN | {"reference": "postgresql://zb:secret@db/zb"})
        assert "Write own, env:NAME or file:/path" in html
        assert not Target.objects.filter(name="platform").exists()

    def test_a_refusal_stands_over_the_form_with_what_was_typed(self, admin: Client, own_target: Target) -> None:
        make_run(run_states.RUNNING)
        html = told(admin, page_of(own_target), GIVEN)
        assert "Wait for its end, or cancel it." in html
        assert 'value="env:PLATFORM_URL"' in html
        own_target.refresh_from_db()
        assert own_target.reference == "own"

    def test_the_list_retires_restores_and_tries_what_is_chosen(self, admin: Client, own_target: Target) -> None:
        chosen = {"_selected_action": [own_target.pk]}
        assert "Retired: zbmaint" in told(admin, LIST, {"action": "retire", **chosen})
        assert "zbmaint" in admin.get(f"{LIST}?use=no").content.decode().split("<tbody>")[1]
        assert "<tbody>" not in admin.get(f"{LIST}?use=yes").content.decode()
        assert "Restored: zbmaint" in told(admin, LIST, {"action": "restore", **chosen})
        assert "PostgreSQL 18." in told(admin, LIST, {"action": "try_connection", **chosen})
        make_run(run_states.QUEUED)
        assert "cannot be retired" in told(admin, LIST, {"action": "retire", **chosen})

    def test_nobody_deletes_one(self, admin: Client, own_target: Target) -> None:
        assert admin.post(f"/admin/maintenance/target/{own_target.pk}/delete/", {"post": "yes"}).status_code == 403
        assert "delete_selected" not in admin.get(LIST).content.decode()

    def test_who_may_only_look_finds_nothing_to_change(self, client_as: SignIn, own_target: Target) -> None:
        lead = client_as("lead")
        html = lead.get(page_of(own_target)).content.decode()
        assert 'name="_save"' not in html
        assert lead.get(ADD).status_code == 403
        assert lead.post(page_of(own_target), GIVEN).status_code == 403

    def test_runs_and_findings_are_not_in_admin(self, admin: Client) -> None:
        html = admin.get("/admin/").content.decode()
        assert "/admin/maintenance/target/" in html
        assert "/admin/maintenance/run/" not in html
        assert "/admin/maintenance/finding/" not in html


def test_whoever_saves_second_is_told_and_takes_nothing_back(admin: Client, people: dict[str, Person]) -> None:
    target = targets.create(Details("platform", "env:PLATFORM_URL", title="The platform"), actor=None)
    opened = GIVEN | {"seen": mark_on(admin, page_of(target)), "title": "Our platform"}
    targets.change(target, Details("platform", "env:OTHER_URL", title="The platform"), actor=people["lead"])
    assert edits.CHANGED in told(admin, page_of(target), opened)
    target.refresh_from_db()
    assert (target.title, target.reference) == ("The platform", "env:OTHER_URL")
    again = opened | {"seen": mark_on(admin, page_of(target)), "reference": "env:OTHER_URL"}
    told(admin, page_of(target), again)
    target.refresh_from_db()
    assert target.title == "Our platform"
