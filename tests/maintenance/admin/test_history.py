"""What admin only shows, and the words of the kinds of maintenance."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from maintenance.models import Category, Freeze, Occurrence, Schedule
from tests.maintenance.admin.schedule_form import (
    Values,
    told,
)
from tests.maintenance.calendar import instant
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

SignIn = Callable[[str], Client]


class TestReadOnly:
    def test_versions_occurrences_and_freezes_are_read_and_never_written(
        self, admin: Client, nightly: Schedule, people: dict[str, Person]
    ) -> None:
        row = Occurrence.objects.create(
            schedule=nightly,
            version=nightly.versions.get(),
            scheduled_task=nightly.tasks.all()[0],
            position=1,
            task="database_maintenance",
            due_at=instant("2026-04-06 02:00"),
            start_by=instant("2026-04-06 03:00"),
            planned_at=instant("2026-04-06 02:00"),
            catch_up="latest",
            overlap="skip",
            state="missed",
            reason="not started within 60 min",
        )
        freeze = Freeze.objects.create(
            begins_at=instant("2026-04-06 02:00"),
            ends_at=instant("2026-04-07 02:00"),
            made_by=people["lead"],
            reason="R",
        )
        for thing, says in (
            (row, "not started within 60 min"),
            (nightly.versions.get(), "0 2 * * *"),
            (freeze, "lead"),
        ):
            base = f"/admin/maintenance/{thing._meta.model_name}/"
            assert admin.get(base).status_code == 200
            assert says in admin.get(f"{base}{thing.pk}/change/").content.decode()
            assert admin.post(f"{base}{thing.pk}/change/", {}).status_code == 403
            assert admin.get(f"{base}add/").status_code == 403
            assert admin.post(f"{base}{thing.pk}/delete/", {"post": "yes"}).status_code == 403


class TestCategories:
    def path(self) -> str:
        return f"/admin/maintenance/category/{Category.objects.get(key='adaptive').pk}/change/"

    GIVEN: Values = {
        "name": "Adaptive",
        "description": "Maintenance to adapt to changes",
        "frequency": "",
        "trigger": "Business requirements or technology changes",
        "examples": "Feature updates\r\nAPI changes\r\nInfrastructure upgrades\r\nCompliance updates",
        "rank": 2,
    }

    def test_its_words_are_changed_and_recorded_once(self, admin: Client, people: dict[str, Person]) -> None:
        told(admin, self.path(), self.GIVEN | {"examples": "API changes\r\n\r\n New laws ", "frequency": "Yearly"})
        category = Category.objects.get(key="adaptive")
        assert (category.examples, category.frequency) == (["API changes", "New laws"], "Yearly")
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor) == ("category_changed", people["admin"])
        assert entry.before is not None
        assert set(entry.before) == {"examples", "frequency"}

    def test_a_save_without_a_change_records_nothing(self, admin: Client) -> None:
        told(admin, self.path(), self.GIVEN)
        assert not AuditEntry.objects.filter(verb="category_changed").exists()

    def test_there_are_always_these_four(self, admin: Client) -> None:
        assert admin.get("/admin/maintenance/category/add/").status_code == 403
        assert admin.post(self.path().replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert Category.objects.count() == 4

    def test_a_lead_reads_them_and_does_not_change_them(self, client_as: SignIn) -> None:
        client = client_as("lead")
        assert "Compliance updates" in client.get(self.path()).content.decode()
        assert client.post(self.path(), self.GIVEN).status_code == 403
