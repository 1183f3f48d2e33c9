"""Changing a schedule in Django admin, its pause, and its pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from maintenance.actions import schedules
from maintenance.models import Schedule
from maintenance.rules import edits
from tests.maintenance.admin.schedule_form import (
    ADD,
    LIST,
    Values,
    error_at,
    known_form,
    mark_on,
    of_task,
    page_of,
    text_of,
    told,
)
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

SignIn = Callable[[str], Client]


class TestChanging:
    def test_a_change_makes_a_version_and_one_of_nothing_does_not(self, admin: Client, nightly: Schedule) -> None:
        entries = AuditEntry.objects.count()
        told(admin, page_of(nightly), known_form(nightly))
        nightly.refresh_from_db()
        assert (nightly.version, AuditEntry.objects.count()) == (1, entries)
        told(admin, page_of(nightly), known_form(nightly) | {"when": "daily 03:30"})
        nightly.refresh_from_db()
        assert (nightly.version, nightly.cron) == (2, "30 3 * * *")
        entry = AuditEntry.objects.latest("id")
        assert entry.verb == "schedule_changed"
        assert entry.before is not None
        assert entry.after is not None
        assert (entry.before["cron"], entry.after["cron"]) == ("0 2 * * *", "30 3 * * *")

    def test_the_key_stays(self, admin: Client, nightly: Schedule) -> None:
        html = admin.get(page_of(nightly)).content.decode()
        assert 'name="key"' not in html
        told(admin, page_of(nightly), known_form(nightly) | {"key": "other", "name": "Night work"})
        nightly.refresh_from_db()
        assert (nightly.key, nightly.name) == ("nightly", "Night work")

    def test_a_task_is_removed_added_and_moved_and_keeps_its_row(self, admin: Client, nightly: Schedule) -> None:
        first, second = nightly.tasks.all()
        given = known_form(nightly) | of_task(2, "temp_files", position=1)
        given |= {"tasks-0-remove": "on", "tasks-1-position": 2, "tasks-TOTAL_FORMS": 3}
        told(admin, page_of(nightly), given)
        rows = nightly.tasks.filter(retired_at__isnull=True)
        assert [(row.task, row.pk == second.pk) for row in rows] == [("temp_files", False), ("log_rotation", True)]
        first.refresh_from_db()
        assert first.retired_at is not None

    def test_the_last_task_cannot_be_removed(self, admin: Client, nightly: Schedule) -> None:
        given = known_form(nightly) | {"tasks-0-remove": "on", "tasks-1-remove": "on"}
        assert "A schedule needs at least one task." in text_of(told(admin, page_of(nightly), given))
        assert nightly.tasks.filter(retired_at__isnull=True).count() == 2

    def test_a_rejected_change_shows_what_was_typed(self, admin: Client, nightly: Schedule) -> None:
        html = told(admin, page_of(nightly), known_form(nightly) | {"when": "61 3 * * *", "name": "New name"})
        assert 'value="61 3 * * *"' in html
        assert 'value="New name"' in html
        nightly.refresh_from_db()
        assert nightly.name != "New name"

    def test_saving_mends_a_row_that_sql_has_broken(self, admin: Client, nightly: Schedule) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE maintenance_schedule SET cron = 'x', error = 'bad', next_due_at = NULL WHERE id = %s",
                [nightly.pk],
            )
        assert "bad" in text_of(admin.get(page_of(nightly)).content.decode())
        told(admin, page_of(nightly), known_form(nightly))
        nightly.refresh_from_db()
        assert (nightly.cron, nightly.error) == ("0 2 * * *", "")
        assert nightly.next_due_at is not None


class TestPause:
    def test_it_is_paused_and_resumed_by_the_actions(
        self, admin: Client, nightly: Schedule, people: dict[str, Person]
    ) -> None:
        pause: Values = {"paused": "on", "pause_reason": "Move of the storage", "paused_until": "2099-01-01"}
        told(admin, page_of(nightly), known_form(nightly) | pause)
        nightly.refresh_from_db()
        assert (nightly.paused_by, nightly.version) == (people["admin"], 1)
        assert AuditEntry.objects.latest("id").verb == "schedule_paused"
        html = admin.get(page_of(nightly)).content.decode()
        assert html.count("held while paused") == 5
        told(admin, page_of(nightly), known_form(nightly) | pause)
        assert AuditEntry.objects.filter(verb="schedule_paused").count() == 1
        told(admin, page_of(nightly), known_form(nightly))
        nightly.refresh_from_db()
        assert nightly.paused_at is None
        assert AuditEntry.objects.latest("id").verb == "schedule_resumed"

    @pytest.mark.parametrize(
        ("pause", "field", "says"),
        [
            ({"pause_reason": "x"}, "paused_until", "Enter a date, or switch off “Paused”."),
            ({"paused_until": "2099-01-01"}, "pause_reason", "Say why it is paused."),
            ({"pause_reason": "x", "paused_until": "2020-01-01"}, "paused_until", "must be after today"),
            ({"pause_reason": "x", "paused_until": "never"}, "paused_until", "Enter a valid date."),
        ],
    )
    def test_a_wrong_pause_is_said_at_its_field_and_undoes_the_rest(
        self, admin: Client, nightly: Schedule, pause: Values, field: str, says: str
    ) -> None:
        given = known_form(nightly) | {"paused": "on", "when": "daily 05:00"} | pause
        assert says in error_at(told(admin, page_of(nightly), given), field)
        nightly.refresh_from_db()
        assert (nightly.paused_at, nightly.cron, nightly.version) == (None, "0 2 * * *", 1)


class TestPages:
    def test_the_form_shows_the_next_five_times_and_the_words(self, admin: Client, nightly: Schedule) -> None:
        html = admin.get(page_of(nightly)).content.decode()
        assert "At 02:00 every day" in html
        assert html.split('id="next-times"')[1].split("</ol>")[0].count("<li>") == 5
        assert 'data-preview="/schedule/next-times/"' in html
        assert re.search(r'<script src="/static/js/next_times.js" type="module">', html)

    def test_an_empty_form_says_what_to_do(self, admin: Client) -> None:
        assert "Say when, and its next times stand here." in admin.get(ADD).content.decode()

    def test_nobody_deletes_one(self, admin: Client, nightly: Schedule) -> None:
        assert "deletelink" not in admin.get(page_of(nightly)).content.decode()
        assert admin.post(f"{LIST}{nightly.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Schedule.objects.filter(pk=nightly.pk).exists()

    def test_it_is_retired_and_restored_from_the_list(self, admin: Client, nightly: Schedule) -> None:
        for action, word, retired in (("retire", "Retired", True), ("restore", "Restored", False)):
            html = told(admin, LIST, {"action": action, "_selected_action": [nightly.pk]})
            assert f"{word}: {nightly}." in html
            nightly.refresh_from_db()
            assert (nightly.retired_at is not None) is retired

    @pytest.mark.parametrize("role", ["lead", "manager"])
    def test_who_may_only_see_gets_no_field_and_cannot_save(
        self, client_as: SignIn, nightly: Schedule, role: str
    ) -> None:
        client = client_as(role)
        html = client.get(page_of(nightly)).content.decode()
        assert "At 02:00 every day" in html
        assert "Log rotation" in html or "log_rotation" in html
        assert not re.search(r"<(input|select|textarea)[^>]+name=\"(when|tasks-0-task)\"", html)
        assert client.post(page_of(nightly), known_form(nightly)).status_code == 403
        assert client.get(ADD).status_code == 403

    def test_the_history_is_the_audit_log(self, admin: Client, nightly: Schedule) -> None:
        assert f"target_id={nightly.pk}" in admin.get(f"{LIST}{nightly.pk}/history/")["Location"]


class TestTwoAtOnce:
    def test_whoever_saves_second_is_told_and_takes_no_pause_back(
        self, admin: Client, nightly: Schedule, people: dict[str, Person]
    ) -> None:
        opened = known_form(nightly) | {"seen": mark_on(admin, page_of(nightly))}
        until = dt.date(2099, 1, 1)
        schedules.pause(nightly, actor=people["lead"], reason="The storage moves", until=until)
        html = told(admin, page_of(nightly), opened | {"name": "Night work"})
        assert edits.CHANGED in text_of(html)
        assert 'value="Night work"' in html
        nightly.refresh_from_db()
        assert (nightly.name == "Night work", nightly.paused_until) == (False, until)

    def test_a_page_that_was_opened_since_saves(self, admin: Client, nightly: Schedule) -> None:
        for name in ("Night work", "Work of the night"):
            told(
                admin,
                page_of(nightly),
                known_form(nightly) | {"name": name, "seen": mark_on(admin, page_of(nightly))},
            )
            nightly.refresh_from_db()
            assert nightly.name == name
