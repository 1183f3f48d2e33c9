"""The agenda of the next 14 days, and rows put in by SQL that may break nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from maintenance.actions import freezes, occurrences, planning, schedules
from maintenance.models import Category, Schedule
from tests.maintenance.calendar import draft, instant
from tests.maintenance.views.schedule_reading import part, read
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]


class TestAgenda:
    def test_it_has_every_time_of_fourteen_days_with_its_tasks(self, night: Schedule, client_as: SignIn) -> None:
        agenda = part(read(client_as("viewer")), "agenda")
        assert agenda.count("02:00 Nightly") == 14
        assert "Tomorrow 9 April 02:00 Nightly Database maintenance Log rotation Cache statistics review" in agenda
        assert "Wednesday 22 April" in agenda

    def test_a_time_that_a_person_skipped_says_who_and_why(
        self, night: Schedule, client_as: SignIn, people: dict[str, Person]
    ) -> None:
        task = night.tasks.get(task="log_rotation")
        occurrences.skip(task, instant("2026-04-09 02:00"), actor=people["lead"], reason="The log host moves")
        agenda = part(read(client_as("lead")), "agenda")
        assert "Nightly 1 skipped" in agenda
        assert "Log rotation Skipped by lead: The log host moves Take back" in agenda

    def test_a_pause_and_a_freeze_are_seen_where_they_hold(
        self, night: Schedule, client_as: SignIn, people: dict[str, Person]
    ) -> None:
        until = instant("2026-04-11 00:00").date()
        schedules.pause(night, actor=people["lead"], reason="Storage moves", until=until)
        freezes.begin(
            actor=people["lead"],
            reason="Release",
            begins_at=instant("2026-04-12 00:00"),
            ends_at=instant("2026-04-13 00:00"),
            categories=[Category.objects.get(key="preventive")],
        )
        agenda = part(read(client_as("viewer")), "agenda")
        assert agenda.count("Nightly Paused") == 2
        assert agenda.count("Nightly Frozen") == 1
        assert "Database maintenance Freeze: Release" in agenda

    def test_a_schedule_that_is_due_all_the_time_does_not_flood_the_page(
        self, night: Schedule, client_as: SignIn
    ) -> None:
        schedules.save(draft("* * * * *", "log_rotation", key="often"), actor=None)
        agenda = part(read(client_as("viewer")), "agenda")
        assert agenda.count("Often Log rotation") == 100
        assert "Often is due too often to list: its first times are shown." in agenda


class TestPoison:
    @pytest.mark.parametrize(
        "poison",
        [
            "cron = 'every full moon'",
            "cron = '61 25 * * *'",
            "time_zone = 'Mars/Olympus'",
            "cron = '0 0 31 2 *'",
            "cron = ''",
        ],
    )
    def test_a_row_put_in_by_sql_gets_a_banner_and_every_other_one_runs_on(
        self, night: Schedule, client_as: SignIn, poison: str
    ) -> None:
        broken = schedules.save(draft("daily 03:00", "log_rotation", key="broken"), actor=None)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE maintenance_schedule SET {poison}, next_due_at = NULL WHERE id = {broken.pk}")
        for _ in range(2):  # before the planner has seen it, and after
            html = read(client_as("admin"))
            assert "Broken is not planned." in part(html, "errors")
            assert f'href="/admin/maintenance/schedule/{broken.pk}/change/"' in html
            assert part(html, "agenda").count("02:00 Nightly") == 14
            planning.plan_due(timezone.now())
        assert Schedule.objects.get(pk=night.pk).error == ""

    @pytest.mark.parametrize("poison", ["parameters = '5'", "parameters = '[1]'", "task = 'no_such_task'"])
    def test_a_poisoned_task_does_not_break_the_page(self, night: Schedule, client_as: SignIn, poison: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE maintenance_scheduledtask SET {poison} WHERE schedule_id = {night.pk}")
        assert "Nightly" in part(read(client_as("admin")), "tasks")

    def test_who_may_not_edit_sees_the_error_without_the_link(self, night: Schedule, client_as: SignIn) -> None:
        Schedule.objects.filter(pk=night.pk).update(error="Its cron never comes again.")
        html = read(client_as("viewer"))
        assert "Nightly is not planned. Its cron never comes again. Every other schedule runs on." in part(
            html, "errors"
        )
        assert "/admin/" not in html
