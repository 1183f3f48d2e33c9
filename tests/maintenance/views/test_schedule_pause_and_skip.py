"""Pausing and resuming a schedule, skipping one time and taking that back."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from maintenance.actions import occurrences, planning, schedules
from maintenance.models import Occurrence, Schedule, ScheduledTask
from tests.maintenance.calendar import instant
from tests.maintenance.views.telling import told
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

People = dict[str, Person]
PAGE = "/schedule/"
HTMX = {"HX-Request": "true"}
TOMORROW = instant("2026-04-09 02:00")


class TestPause:
    PATH = "/schedule/nightly/pause/"

    def test_it_is_asked_on_a_page_and_in_a_dialog(self, lead: Client) -> None:
        page, dialog = lead.get(self.PATH).content.decode(), lead.get(self.PATH, headers=HTMX).content.decode()
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            assert "Pause Nightly?" in html
            assert f'action="{self.PATH}"' in html
            assert 'value="2026-04-09"' in html

    def test_it_is_paused_with_reason_and_end_and_recorded(self, lead: Client, nightly: Schedule) -> None:
        assert "Nightly is paused." in told(lead, self.PATH, {"reason": "Storage moves", "until": "2026-04-20"})
        nightly.refresh_from_db()
        assert nightly.is_paused(timezone.now())
        assert nightly.pause_reason == "Storage moves"
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor_name) == ("schedule_paused", "lead")

    @pytest.mark.parametrize(
        ("reason", "until", "says"),
        [
            ("", "2026-04-20", "Say why: whoever finds it will ask."),
            ("  ", "2026-04-20", "Say why: whoever finds it will ask."),
            ("x", "", "Give the day on which it starts again."),
            ("x", "2026-04-08", "The day on which it starts again must be after today."),
            ("x", "soon", "Write it like 2026-04-30."),
        ],
    )
    def test_without_reason_or_end_nothing_is_paused(
        self, lead: Client, nightly: Schedule, reason: str, until: str, says: str
    ) -> None:
        assert says in told(lead, self.PATH, {"reason": reason, "until": until}, 422)
        assert Schedule.objects.get(pk=nightly.pk).paused_at is None

    def test_it_is_resumed_once(self, lead: Client, nightly: Schedule, people: People) -> None:
        schedules.pause(nightly, actor=people["lead"], reason="x", until=instant("2026-04-20 00:00").date())
        assert "Nightly goes on." in told(lead, "/schedule/nightly/resume/")
        assert "Nightly: It is not paused." in told(lead, "/schedule/nightly/resume/")
        assert AuditEntry.objects.filter(verb="schedule_resumed").count() == 1

    def test_a_schedule_that_does_not_exist_or_is_retired_is_not_found(
        self, lead: Client, nightly: Schedule, people: People
    ) -> None:
        schedules.retire(nightly, actor=people["lead"])
        assert lead.get(self.PATH).status_code == 404
        assert lead.post("/schedule/no-such/resume/").status_code == 404


class TestSkip:
    def path(self, task: ScheduledTask, due: str = "2026-04-09 02:00") -> str:
        return f"/schedule/tasks/{task.pk}/skip/{int(instant(due).timestamp())}/"

    def test_a_time_to_come_is_skipped_with_its_reason_and_taken_back(self, lead: Client, task: ScheduledTask) -> None:
        assert "Skip Toy this once?" in lead.get(self.path(task)).content.decode()
        page = told(lead, self.path(task), {"reason": "The log host moves"})
        assert "Toy is skipped 9 Apr 2026, 02:00 UTC." in page
        assert "Skipped by lead: The log host moves Take back" in page
        row = Occurrence.objects.get(due_at=TOMORROW)
        assert (row.state, row.skipped_by) == ("skipped", Person.objects.get(username="lead"))
        page = told(lead, f"/schedule/occurrences/{row.pk}/take-back/")
        assert "Toy is due again 9 Apr 2026, 02:00 UTC." in page
        assert "The log host moves" not in page

    def test_a_waiting_one_is_skipped_and_taken_back_while_it_could_start(
        self, lead: Client, task: ScheduledTask, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(instant("2026-04-08 02:10"))
        planning.plan_due(timezone.now())
        assert "(lead) Skipped Take back" in told(lead, self.path(task, "2026-04-08 02:00"), {"reason": "Not tonight"})
        row = Occurrence.objects.get(scheduled_task=task)
        clock.move_to(instant("2026-04-08 03:01"))
        assert f"/schedule/occurrences/{row.pk}/take-back/" not in lead.get(PAGE).content.decode()
        assert "It could start until 08 Apr, 03:00 UTC; that has passed." in told(
            lead, f"/schedule/occurrences/{row.pk}/take-back/"
        )
        row.refresh_from_db()
        assert row.state == "skipped"

    def test_without_a_reason_nothing_is_skipped(self, lead: Client, task: ScheduledTask) -> None:
        assert "Say why: whoever finds it will ask." in told(lead, self.path(task), {"reason": " "}, 422)
        assert not Occurrence.objects.filter(scheduled_task=task).exists()

    @pytest.mark.parametrize("due", ["2026-04-09 02:01", "2026-05-01 12:00"])
    def test_a_time_at_which_it_is_not_due_is_refused(self, lead: Client, task: ScheduledTask, due: str) -> None:
        assert "toy is not due at" in told(lead, self.path(task, due), {"reason": "x"}, 409)

    def test_a_time_that_has_passed_without_a_row_is_refused(self, lead: Client, task: ScheduledTask) -> None:
        assert "That time has passed." in told(lead, self.path(task, "2026-04-05 02:00"), {"reason": "x"}, 409)
        assert not Occurrence.objects.filter(scheduled_task=task).exists()

    def test_one_that_has_started_meanwhile_is_refused(self, lead: Client, task: ScheduledTask) -> None:
        occurrences.skip(task, TOMORROW, actor=Person.objects.get(username="lead"), reason="x")
        Occurrence.objects.update(state="started", skipped_by=None)
        assert "was started already" in told(lead, self.path(task), {"reason": "x"}, 409)
        row = Occurrence.objects.get()
        assert "Only a time that a person skipped can be taken back." in told(
            lead, f"/schedule/occurrences/{row.pk}/take-back/"
        )

    @pytest.mark.parametrize("stamp", ["0", "99999999999999999999", "1"])
    def test_a_time_far_away_is_not_found(self, lead: Client, task: ScheduledTask, stamp: str) -> None:
        assert lead.get(f"/schedule/tasks/{task.pk}/skip/{stamp}/").status_code == 404

    def test_a_schedule_that_cannot_be_planned_says_so(self, lead: Client, task: ScheduledTask) -> None:
        Schedule.objects.filter(pk=task.schedule_id).update(time_zone="Mars/Olympus")
        assert "is not an IANA time zone" in told(lead, self.path(task), {"reason": "x"}, 409)
