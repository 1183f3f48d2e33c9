"""Targets: the actions, and the pages in Django admin that call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from maintenance.actions import targets
from maintenance.actions.targets import Details, TargetRefused
from maintenance.models import Target
from maintenance.rules import run_states
from tests.maintenance.made import make_run
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
