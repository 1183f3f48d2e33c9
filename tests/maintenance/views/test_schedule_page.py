"""The schedule page: what is planned, what became of last night, and what a broken row may not break."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from maintenance.actions import freezes, planning, schedules
from maintenance.models import Occurrence, Schedule
from maintenance.rules import run_states
from tests.maintenance.calendar import draft, instant
from tests.maintenance.made import make_run
from tests.maintenance.views.schedule_reading import part, read, settle, text
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
LIVE = "/schedule/live/"


class TestSchedules:
    def test_a_schedule_says_when_next_and_what_became_of_its_last_time(
        self, night: Schedule, client_as: SignIn
    ) -> None:
        settle(night, 0, "started", run_state="failed")
        settle(night, 1, "started", run_state="not_configured")
        settle(night, 2, "missed", "not started within 60 min")
        settle(night, 3, "started", run_state="succeeded")
        html = read(client_as("viewer"))
        row = part(html, "list")
        assert (
            "Nightly in 18h At 02:00 every day in 18h 1 failed, 1 missed, 1 not configured, 1 succeeded 6h ago" in row
        )
        assert 'aria-label="Last time: 1 failed, 1 missed, 1 not configured, 1 succeeded"' in html

    def test_the_zone_stands_there_when_it_is_not_utc(self, night: Schedule, client_as: SignIn) -> None:
        schedules.save(draft("daily 06:00", "log_rotation", zone="Africa/Harare"), actor=None)
        assert "At 06:00 every day Africa/Harare" in part(read(client_as("viewer")), "list")

    def test_one_that_was_never_due_does_not_look_done(self, night: Schedule, client_as: SignIn) -> None:
        schedules.save(draft("first Sunday 04:00", "log_rotation", key="monthly-one"), actor=None)
        assert "Monthly-One in 24d 20h At 04:00 on the first Sunday of the month in 24d 20h Not due yet" in part(
            read(client_as("viewer")), "list"
        )

    def test_a_paused_one_says_until_when_why_and_by_whom(
        self, night: Schedule, client_as: SignIn, people: dict[str, Person]
    ) -> None:
        schedules.pause(night, actor=people["lead"], reason="Storage moves", until=instant("2026-04-20 00:00").date())
        row = part(read(client_as("viewer")), "list")
        assert "Paused until 20 Apr 2026" in row
        assert "Paused by lead, 8 Apr 2026, 08:00 UTC: Storage moves" in row

    def test_the_four_kinds_of_maintenance_stand_there_with_their_text(self, db: None, client_as: SignIn) -> None:
        html = text(read(client_as("viewer")))
        assert "Corrective: reactive maintenance to fix issues Trigger Incident detection or user reports" in html
        assert "Perfective: maintenance to improve system quality Frequency Quarterly Examples Code refactoring" in html

    def test_a_page_without_schedules_says_so(self, db: None, client_as: SignIn) -> None:
        Schedule.objects.update(retired_at=timezone.now())
        html = text(read(client_as("viewer")))
        assert "Nothing is done by itself." in html
        assert "Nothing is due in the next 14 days." in html

    def test_what_this_version_does_not_carry_out_says_not_configured(self, night: Schedule, client_as: SignIn) -> None:
        tasks = part(read(client_as("tier2")), "tasks")
        assert "Log rotation Not configured Waiting" in tasks
        assert (
            "Database maintenance Not configured: Database maintenance needs a target; choose a database in the "
            "schedule." in tasks
        )


class TestLastNight:
    def test_every_due_time_has_its_state_reason_and_run(self, night: Schedule, client_as: SignIn) -> None:
        run = settle(night, 0, "started", run_state="succeeded", verdict="Nothing to do.").run
        assert run is not None
        type(run).objects.filter(pk=run.pk).update(
            started_at=instant("2026-04-08 02:04"), finished_at=instant("2026-04-08 02:10")
        )
        settle(night, 1, "missed", "not started within 60 min: waits for free workers")
        settle(night, 2, "skipped", "still running: run 88")
        Occurrence.objects.filter(schedule=night, position=4).update(reason="outside its window 03:00 to 04:00 UTC")
        html = read(client_as("viewer"))
        story = part(html, "story")
        assert "Succeeded Database maintenance Nothing to do. Succeeded 4m late 6m" in story
        assert "Missed Log rotation Not started within 60 min: waits for free workers" in story
        assert "Skipped Cache statistics review Still running: run 88" in story
        assert "Waiting Temporary files Outside its window 03:00 to 04:00 UTC" in story
        assert f'href="/runs/{run.pk}/"' in html

    def test_missed_and_skipped_rows_stand_out_and_others_do_not(self, night: Schedule, client_as: SignIn) -> None:
        settle(night, 0, "missed", "too late")
        settle(night, 1, "skipped", "freeze: release")
        settle(night, 2, "started", run_state="failed")
        assert re.findall(r'<tr data-state="(\w+)">', read(client_as("viewer"))) == ["missed", "skipped"]

    def test_what_waits_since_long_ago_is_still_there(
        self, night: Schedule, week: time_machine.Traveller, client_as: SignIn
    ) -> None:
        week.move_to(instant("2026-04-11 12:00"))
        assert "Wed 02:00 Nightly All 4 waiting" in part(read(client_as("viewer")), "story")

    def test_a_run_that_is_not_kept_any_more_does_not_pass_for_a_success(
        self, night: Schedule, client_as: SignIn
    ) -> None:
        settle(night, 0, "started")
        story = part(read(client_as("viewer")), "story")
        assert "1 started, its run is not kept any more" in story
        assert "succeeded" not in story.lower()

    def test_an_empty_night_says_so(self, db: None, client_as: SignIn) -> None:
        assert "Nothing was due" in part(read(client_as("viewer")), "story")


class TestFollowing:
    def marks(self, html: str) -> list[str]:
        return re.findall(r'name="seen" value="([^"]+)"', html)

    def test_nothing_is_sent_while_nothing_changes(self, night: Schedule, client_as: SignIn) -> None:
        client = client_as("lead")
        seen = self.marks(read(client))
        assert len(seen) == 6
        assert client.get(LIVE, {"seen": seen}).status_code == 204

    def test_only_what_changed_is_sent(self, night: Schedule, client_as: SignIn, week: time_machine.Traveller) -> None:
        client = client_as("lead")
        seen = self.marks(read(client))
        week.shift(61)
        assert client.get(LIVE, {"seen": seen}).status_code == 204
        settle(night, 0, "missed", "too late")
        html = client.get(LIVE, {"seen": seen}).content.decode()
        assert re.findall(r'id="part-(\w+)"', html) == ["list", "story", "tasks"]
        assert "<html" not in html

    def test_a_browser_that_has_seen_nothing_gets_everything(self, night: Schedule, client_as: SignIn) -> None:
        html = client_as("lead").get(LIVE, {"seen": ["list:00000000", "x"]}).content.decode()
        assert len(re.findall(r'id="part-(\w+)"', html)) == 6


class TestWhoMay:
    @pytest.mark.parametrize(
        ("role", "buttons"),
        [
            ("viewer", set()),
            ("tier1", set()),
            ("tier2", {"run"}),
            ("tier3", {"run", "pause", "skip", "freeze"}),
            ("lead", {"run", "pause", "skip", "freeze"}),
            ("manager", set()),
            ("admin", {"run", "pause", "skip", "freeze", "edit"}),
        ],
    )
    def test_a_role_sees_the_buttons_that_it_may_press(
        self, night: Schedule, client_as: SignIn, own_target: Any, role: str, buttons: set[str]
    ) -> None:
        night.tasks.filter(task="database_maintenance").update(target=own_target)
        html = read(client_as(role))
        signs = {
            "run": r'action="/schedule/tasks/\d+/run/"',
            "pause": r'href="/schedule/nightly/pause/"',
            "skip": r'href="/schedule/tasks/\d+/skip/\d+/"',
            "freeze": r'href="/schedule/freezes/new/"',
            "edit": r'href="/admin/maintenance/schedule/"',
        }
        assert {name for name, sign in signs.items() if re.search(sign, html)} == buttons

    def test_the_navigation_leads_there_by_g_and_s(self, db: None, client_as: SignIn) -> None:
        html = read(client_as("viewer"), "/")
        assert re.search(r'<a href="/schedule/" data-go="s">', html)
        assert "<kbd>G</kbd> then <kbd>S</kbd>" in html


def test_the_page_takes_the_same_few_queries_however_much_there_is(
    night: Schedule,
    client_as: SignIn,
    people: dict[str, Person],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_as("admin")
    read(client)
    # Person with role; schedules, tasks, past slots; freezes; rows to come, the story; categories; three banners.
    with django_assert_num_queries(13):
        read(client)
    for number in range(12):
        schedules.save(draft("daily 02:00", "log_rotation", "temp_files", key=f"more-{number}"), actor=None)
        freezes.begin(
            actor=people["lead"],
            reason="Release",
            begins_at=instant("2026-05-12 00:00"),
            ends_at=instant("2026-05-13 00:00"),
            targets=[],
        )
    Schedule.objects.update(next_due_at=instant("2026-04-01 02:00"))
    planning.plan_due(timezone.now())
    for row in Occurrence.objects.filter(position=1)[:40]:
        Occurrence.objects.filter(pk=row.pk).update(state="started", run=make_run(run_states.FAILED))
    # Two more for the targets and categories of the freezes to come.
    with django_assert_num_queries(15):
        read(client)
    with django_assert_num_queries(10):
        client.get(LIVE)
