"""Running a scheduled task now, the pages of runs by schedule, and the preview of times."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from maintenance.actions import freezes, planning, schedules
from maintenance.models import Occurrence, Origin, Run, Schedule, ScheduledTask
from maintenance.rules import run_states
from tests.maintenance.calendar import draft, instant
from tests.maintenance.made import make_run
from tests.maintenance.views.telling import told
from zbmaint.access.models import Person

People = dict[str, Person]
TOMORROW = instant("2026-04-09 02:00")


class TestRunNow:
    def path(self, task: ScheduledTask) -> str:
        return f"/schedule/tasks/{task.pk}/run/"

    def test_it_runs_with_the_parameters_and_terms_of_the_schedule(self, lead: Client, task: ScheduledTask) -> None:
        ScheduledTask.objects.update(timeout_minutes=7, retries=2, lock_groups=["backup"])
        answer = lead.post(self.path(task))
        run = Run.objects.get()
        assert answer["Location"] == f"/runs/{run.pk}/"
        assert (run.origin, run.requested_by, run.state) == (
            Origin.PERSON,
            Person.objects.get(username="lead"),
            "queued",
        )
        assert (run.parameters, run.timeout_seconds, run.retries) == ({"size": 7}, 420, 2)
        assert "backup" in run.lock_groups

    def test_a_catch_up_that_is_due_does_not_block_it(
        self, lead: Client, task: ScheduledTask, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(instant("2026-04-08 02:10"))
        planning.plan_due(timezone.now())
        row = Occurrence.objects.get(scheduled_task=task, state="due")
        assert lead.post(self.path(task)).status_code == 302
        assert Run.objects.count() == 1
        row.refresh_from_db()
        assert (row.state, row.run) == ("due", None)

    @pytest.mark.parametrize("state", sorted(run_states.ACTIVE))
    def test_the_same_work_under_way_is_gone_to_instead(self, lead: Client, task: ScheduledTask, state: str) -> None:
        running = make_run(state, task="toy", target=None)
        answer = lead.post(self.path(task), follow=True)
        assert answer.redirect_chain[0][0] == f"/runs/{running.pk}/"
        assert f"Run {running.pk} does this already, so no second one was started." in answer.content.decode()
        assert Run.objects.count() == 1

    def test_other_work_in_the_way_is_named_with_its_run(
        self, lead: Client, nightly: Schedule, task: ScheduledTask
    ) -> None:
        other = make_run(run_states.RUNNING, lock_groups=["db:"])
        page = told(lead, self.path(task), status=409)
        assert f"The run was not started. Run {other.pk} (database_maintenance) holds db:" in page
        assert f"Open run {other.pk}" in page

    def test_a_freeze_holds_it_too(self, lead: Client, task: ScheduledTask, people: People) -> None:
        freezes.begin(actor=people["lead"], reason="Release", begins_at=timezone.now(), ends_at=TOMORROW)
        assert "Frozen until 09 Apr 2026, 02:00 UTC: Release." in told(lead, self.path(task), status=409)
        assert not Run.objects.exists()

    def test_what_is_not_configured_says_what_it_lacks(self, lead: Client) -> None:
        for key, says in (
            ("database_maintenance", "Not configured: Database maintenance needs a target"),
            ("log_rotation", "Not configured: this version does not carry out log rotation."),
        ):
            row = schedules.save(draft("daily 05:00", key), actor=None).tasks.get()
            assert says in told(lead, self.path(row), status=409)
        assert not Run.objects.exists()

    @pytest.mark.parametrize("poison", [5, [1], {"size": "many"}, {"no": 1}])
    def test_poisoned_parameters_are_refused_in_words(self, lead: Client, task: ScheduledTask, poison: object) -> None:
        ScheduledTask.objects.update(parameters=poison)
        assert "The run was not started." in told(lead, self.path(task), status=409)

    def test_a_removed_task_is_not_found(self, lead: Client, task: ScheduledTask) -> None:
        ScheduledTask.objects.update(retired_at=timezone.now())
        assert lead.post(self.path(task)).status_code == 404


class TestRunPages:
    def test_a_run_by_schedule_says_which_one_when_and_how_late(
        self, nightly: Schedule, lead: Client, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(instant("2026-04-08 02:00"))
        planning.plan_due(timezone.now())
        run = make_run(
            origin=Origin.SCHEDULE,
            task="toy",
            target=None,
            retries=2,
            attempt=2,
            started_at=instant("2026-04-08 02:04"),
        )
        Occurrence.objects.update(state="started", run=run, decided_at=timezone.now())
        html = lead.get(f"/runs/{run.pk}/").content.decode()
        text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
        assert "Schedule Nightly , due 8 Apr 2026, 02:00 UTC , started 4 min late" in text
        assert "Attempt 2 of 3" in text
        assert 'href="/schedule/#nightly"' in html

    def test_a_run_by_hand_names_no_schedule(self, lead: Client) -> None:
        html = lead.get(f"/runs/{make_run().pk}/").content.decode()
        assert "<dt>Schedule</dt>" not in html
        assert "<dt>Attempt</dt>" not in html

    def test_a_run_that_is_not_configured_is_amber_and_says_the_step(self, lead: Client) -> None:
        verdict = "Not configured: this version does not carry out log rotation."
        run = make_run(run_states.NOT_CONFIGURED, task="log_rotation", target=None, verdict=verdict)
        html = lead.get(f"/runs/{run.pk}/").content.decode()
        assert re.search(r'id="run-verdict" role="alert" data-tone="warning"', html)
        assert "This version does not carry out log rotation." in html
        assert "<h1>Log rotation</h1>" in html

    def test_the_list_shows_the_runs_of_schedules_alone(self, lead: Client) -> None:
        mine = make_run(run_states.NOT_CONFIGURED, origin=Origin.SCHEDULE, task="log_rotation", target=None)
        make_run()
        html = lead.get("/runs/?by=schedule").content.decode()
        assert re.findall(r'id="run-(\d+)"', html) == [str(mine.pk)]
        assert f"Run {mine.pk}, Log rotation" in html
        html = lead.get("/runs/?task=log_rotation").content.decode()
        assert re.findall(r'id="run-(\d+)"', html) == [str(mine.pk)]


class TestPreview:
    def ask(self, client: Client, when: str, zone: str = "UTC") -> str:
        answer = client.get("/schedule/next-times/", {"when": when, "time_zone": zone})
        assert answer.status_code == 200
        return answer.content.decode()

    def test_it_has_the_words_and_five_times_in_utc_and_in_the_zone(self, lead: Client) -> None:
        html = self.ask(lead, "0 3 * * *", "Africa/Harare")
        assert "At 03:00 every day" in html
        assert html.count("<li>") == 5
        assert "Thu 9 Apr 2026, 01:00 UTC" in html
        assert "Thu 03:00 Africa/Harare" in html

    @pytest.mark.parametrize(
        ("when", "zone", "says"),
        [
            ("0 3 * * 9", "UTC", "its day of week cannot be"),
            ("0 0 3 * * *", "UTC", "A cron has five fields here"),
            ("0 0 31 2 *", "UTC", "its day of month cannot be"),
            ("daily 03:00", "Mars/Olympus", "is not an IANA time zone"),
            ("", "UTC", "Say when, and its next times stand here."),
            ("<script>", "UTC", "&lt;script&gt;"),
        ],
    )
    def test_what_is_wrong_is_said_at_once(self, lead: Client, when: str, zone: str, says: str) -> None:
        html = self.ask(lead, when, zone)
        assert says in html
        assert "<li>" not in html
