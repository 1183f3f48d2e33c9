"""Adding schedules in Django admin: the action saves, and what is wrong is said at its field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from maintenance.models import Schedule, ScheduledTask, ScheduleVersion, Target
from tests.maintenance.admin.schedule_form import (
    ADD,
    error_at,
    form,
    of_task,
    text_of,
    told,
)
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

SignIn = Callable[[str], Client]


class TestAdding:
    def test_it_is_made_by_the_action_with_its_tasks_version_and_record(
        self, admin: Client, people: dict[str, Person], own_target: Target
    ) -> None:
        first = of_task(
            0,
            "database_maintenance",
            target=own_target.pk,
            parameters="jobs=4\r\nmin_dead_tuples=500",
            lateness_minutes=45,
            timeout_minutes=55,
            retries=1,
            catch_up="none",
            lock_groups="backup\r\nscratch",
        )
        html = told(admin, ADD, form(first, of_task(1, "log_rotation", label="Rotation"), when="first Sunday 04:00"))
        assert "was added successfully" in html
        schedule = Schedule.objects.get(key="nightly-work")
        assert (schedule.cron, schedule.version) == ("0 4 * * sun#1", 1)
        assert schedule.next_due_at is not None
        task, other = schedule.tasks.all()
        assert task.parameters == {"jobs": 4, "min_dead_tuples": 500}
        assert (task.lateness_minutes, task.timeout_minutes, task.retries, task.catch_up) == (45, 55, 1, "none")
        assert task.lock_groups == ["backup", "scratch"]
        assert (other.task, str(other)) == ("log_rotation", "Rotation")
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor) == ("schedule_created", people["admin"])
        assert ScheduleVersion.objects.get(schedule=schedule).made_by == people["admin"]

    def test_tasks_stand_in_the_order_of_their_positions(self, admin: Client) -> None:
        told(admin, ADD, form(of_task(0, "log_rotation", position=7), of_task(1, "temp_files", position=3)))
        rows = ScheduledTask.objects.filter(schedule__key="nightly-work")
        assert [(row.position, row.task) for row in rows] == [(1, "temp_files"), (2, "log_rotation")]

    @pytest.mark.parametrize(
        ("field", "typed", "says"),
        [
            ("when", "every full moon", "is neither a cron of five fields nor words that are understood"),
            ("when", "61 3 * * *", "its minute cannot be"),
            ("when", "0 0 3 * * *", "A cron has five fields here: minute, hour"),
            ("when", "0 0 31 2 *", "its day of month cannot be"),
            ("when", "0 0 30 2 *", "its day of month cannot be"),
            ("when", "", "This field is required."),
            ("time_zone", "Mars/Olympus", "'Mars/Olympus' is not an IANA time zone; write it like Africa/Harare"),
            ("time_zone", "../../etc/passwd", "is not an IANA time zone"),
            ("key", "nightly work", "Enter a valid"),
            ("key", "weekly", "already exists"),
            ("window_to", "", "A window needs both its ends, or neither."),
            ("window_to", "03:00", "A window that ends when it begins lets nothing start."),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
        self, admin: Client, field: str, typed: str, says: str
    ) -> None:
        window = {"window_from": "03:00"} if field == "window_to" else {}
        before = (Schedule.objects.count(), ScheduledTask.objects.count(), AuditEntry.objects.count())
        html = told(admin, ADD, form(of_task(0, "log_rotation")) | window | {field: typed})
        assert says in error_at(html, field)
        assert (Schedule.objects.count(), ScheduledTask.objects.count(), AuditEntry.objects.count()) == before

    @pytest.mark.parametrize(
        ("field", "typed", "says"),
        [
            ("lateness_minutes", 0, "At least 1 minute: with none it could only ever be missed."),
            ("lateness_minutes", -5, "At least 1 minute"),
            ("lateness_minutes", "soon", "Enter a whole number."),
            ("timeout_minutes", 0, "greater than or equal to 1"),
            ("timeout_minutes", -1, "greater than or equal to 1"),
            ("retries", -1, "greater than or equal to 0"),
            ("retries", 11, "less than or equal to 10"),
            ("parameters", "jobs", "“jobs” is no name=value."),
            ("parameters", "jobs=99", "jobs must be from 1 to 8, not 99."),
            ("parameters", "jobs=four", "jobs must be a whole number, not 'four'."),
            ("parameters", "speed=9", "database_maintenance has no parameter 'speed'. It has: analyze_seconds"),
            ("task", "rm -rf", "Select a valid choice."),
            ("catch_up", "all", "Select a valid choice."),
        ],
    )
    def test_what_is_wrong_with_a_task_is_said_there_and_nothing_is_saved(
        self, admin: Client, field: str, typed: object, says: str
    ) -> None:
        html = told(admin, ADD, form(of_task(0, "database_maintenance") | {f"tasks-0-{field}": typed}))
        assert says in error_at(html, f"tasks-0-{field}")
        assert not Schedule.objects.filter(key="nightly-work").exists()

    def test_without_a_task_it_is_refused_by_the_action(self, admin: Client) -> None:
        assert "A schedule needs at least one task." in text_of(told(admin, ADD, form()))
        assert not Schedule.objects.filter(key="nightly-work").exists()

    def test_parameters_for_what_this_version_does_not_carry_out_are_refused(self, admin: Client) -> None:
        html = told(admin, ADD, form(of_task(0, "log_rotation", parameters="days=7")))
        assert "Log rotation takes no parameters in this version." in error_at(html, "tasks-0-parameters")

    def test_a_task_without_the_target_that_it_needs_is_saved_with_a_warning(self, admin: Client) -> None:
        html = told(admin, ADD, form(of_task(0, "database_maintenance")))
        assert "Database maintenance has no target, so its runs will be “not configured”." in text_of(html)
        assert Schedule.objects.filter(key="nightly-work").exists()

    def test_it_may_be_added_paused(self, admin: Client) -> None:
        given = form(
            of_task(0, "log_rotation"), paused="on", pause_reason="Not before the move", paused_until="2099-01-01"
        )
        told(admin, ADD, given)
        assert Schedule.objects.get(key="nightly-work").pause_reason == "Not before the move"
