"""Demo data: an empty desk gets a history that looks like its own, once, and says everywhere that it is none."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, TestCase
from django.utils import timezone

from incidents.models import Entry, Ticket
from maintenance.models import Finding, FindingSighting, Freeze, LogLine, Occurrence, Run, RunStep, Schedule, Target
from maintenance.models.target import OWN
from maintenance.rules import run_states
from maintenance.rules.cron import due_times
from maintenance.tasks.catalog import CATALOG
from tests.conftest import make_people, signed_in
from tests.incidents.made import make_ticket
from tests.maintenance.made import make_run
from zbmaint.access.models import Person, Role
from zbmaint.audit.models import AuditEntry
from zbmaint.dashboard.demo.history import generate
from zbmaint.dashboard.demo.people import CAST
from zbmaint.dashboard.demo.period import Period
from zbmaint.queue.models import Process

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
NOW = dt.datetime(2026, 4, 8, 11, 30, tzinfo=dt.UTC)
BANNER = "This installation shows generated demo data:"


def demo_data(**options: Any) -> None:
    call_command("demo_data", verbosity=0, **options)


def without(number: int, text: str) -> str:
    """`text` without that number, where it is not a part of a larger one."""
    return re.sub(rf"(?<![\d,]){number}(?![\d,])", "", text)


def dump() -> list[tuple[Any, ...]]:
    """What was generated, without numbers and names that the database gives."""
    first = Run.objects.order_by("pk").values_list("pk", flat=True)[0]
    runs = [
        (row.pk - first, row.task, row.state, row.queued_at, row.finished_at, without(row.pk, row.verdict))
        for row in Run.objects.order_by("pk")
    ]
    lines = list(LogLine.objects.order_by("run", "number").values_list("number", "at", "level", "text"))
    occurrences = list(Occurrence.objects.order_by("pk").values_list("task", "due_at", "state", "reason"))
    findings = list(Finding.objects.order_by("pk").values_list("kind", "subject", "state", "first_seen_at"))
    tickets = list(Ticket.objects.order_by("number").values_list("title", "status", "created_at", "occurrences"))
    of_outages = Ticket.objects.filter(links__kind="outage").order_by("number", "entries__id", "links__id")
    said = list(of_outages.values_list("entries__kind", "entries__text", "entries__at", "links__label"))
    return [*runs, *lines, *occurrences, *findings, *tickets, *said]


class TestHistory(TestCase):
    """90 days until NOW, generated once."""

    people: ClassVar[dict[str, Person]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        generate(Period(90, 1, NOW), 210, 60)

    def test_the_runs_that_were_asked_for_and_those_of_the_calendar_are_there(self) -> None:
        asked = Run.objects.filter(target__reference__startswith="env:DEMO_")
        assert asked.count() == 210
        started = Occurrence.objects.filter(state="started")
        assert Run.objects.count() == 210 + started.count()
        assert started.filter(run=None).count() == 0

    def test_every_due_time_of_the_installed_calendar_has_its_row(self) -> None:
        period = Period(90, 1, NOW)
        for schedule in Schedule.objects.active():
            tasks = schedule.tasks.count()
            due = []
            for moment in due_times(schedule.cron, schedule.time_zone, period.begins - dt.timedelta(seconds=1)):
                if moment > NOW:
                    break
                due.append(moment)
            assert due, schedule
            rows = Counter(Occurrence.objects.filter(schedule=schedule).values_list("due_at", flat=True))
            assert rows == dict.fromkeys(due, tasks), schedule

    def test_everything_that_can_become_of_work_is_among_it(self) -> None:
        assert set(Run.objects.values_list("state", flat=True)) == run_states.FINAL - {run_states.SKIPPED}
        assert set(Occurrence.objects.values_list("state", flat=True)) == {"started", "skipped", "missed"}
        reasons = " ".join(set(Occurrence.objects.values_list("reason", flat=True)))
        for word in ("freeze: ", "paused: ", "nothing was planning", "waits for a free worker"):
            assert word in reasons
        assert Occurrence.objects.filter(skipped_by__username="a.moyo").count() == 1
        assert set(Finding.objects.values_list("state", flat=True)) == {"new", "ongoing", "resolved", "accepted"}
        assert Freeze.objects.filter(ends_at__lt=NOW).count() == 2

    def test_what_this_version_does_not_do_was_not_configured(self) -> None:
        others = Run.objects.exclude(task__in=CATALOG)
        assert set(others.values_list("state", flat=True)) == {"not_configured"}
        assert (
            others.filter(verdict__startswith="Not configured: this version does not carry out").count()
            == others.count()
        )

    def test_a_run_is_told_as_the_task_writes_it(self) -> None:
        run = Run.objects.filter(state="succeeded", target__name="zbinnovation").latest("pk")
        keys = list(run.steps.values_list("key", flat=True))
        assert keys[:5] == ["look", "connections", "sequences", "replication", "server"]
        assert keys[5:8] == ["statistics", "modified", "candidates"]
        assert keys[-3:] == ["reindex", "verify", "report"]
        assert [key for key in keys if key.startswith("vacuum:")] == [
            f"vacuum:{row['table']}" for row in run.report["tables"]
        ]
        assert run.report["status"] == "completed"
        assert run.report["findings"] == []
        assert {fact["key"] for fact in run.facts} >= {
            "database_size",
            "tables",
            "active_connections",
            "dead_rows_removed",
        }
        numbers = list(run.log_lines.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        last = run.log_lines.last()
        assert last is not None
        assert last.text == run.verdict

    def test_a_sighting_and_the_report_of_its_run_say_the_same(self) -> None:
        sightings = FindingSighting.objects.select_related("finding", "run")
        assert sightings.count() > 50
        for seen in sightings:
            told = {(row["kind"], row["subject"]): row["state"] for row in seen.run.report["findings"]}
            assert told[seen.finding.kind, seen.finding.subject] == seen.state

    def test_findings_stand_in_every_way_that_the_page_knows(self) -> None:
        assert Finding.objects.filter(severity="critical", state="ongoing").exists()
        assert Finding.objects.filter(state="accepted", accepted_until__gt=NOW.date()).exists()
        assert Finding.objects.filter(state="accepted", accepted_until__lt=NOW.date()).exists()

    def test_the_runs_open_tickets_and_the_next_that_did_its_work_resolved_them(self) -> None:
        broken = Run.objects.filter(state__in=["failed", "timed_out", "lost"]).count()
        told = Entry.objects.filter(kind__in=["opened", "repeated"], ticket__key__startswith="task:")
        missed = Occurrence.objects.filter(task="database_maintenance", state="missed").count()
        assert missed > 0
        assert told.count() == broken + missed
        of_runs = Ticket.objects.exclude(key="")
        assert set(of_runs.values_list("status", flat=True)) <= {"in_progress", "resolved", "closed"}
        for ticket in of_runs:
            assert ticket.occurrences == ticket.entries.filter(kind__in=["opened", "repeated"]).count()
            assert ticket.clear or ticket.is_unfinished
        lasting = of_runs.get(status="in_progress", severity="critical")
        assert lasting.title == "The transaction age of public.audit_log is over its limit on ZbInnovation reports"

    def test_the_newest_ticket_of_a_run_has_just_gone_up_and_waits_with_its_clock(self) -> None:
        waiting = Ticket.objects.exclude(key="").unfinished().latest("created_at")
        assert waiting.tier_id == 3
        assert waiting.due_clock == "response"
        assert waiting.due_at is not None
        assert waiting.due_at > NOW
        assert waiting.assignee is not None
        assert waiting.accepted_at is None

    def test_a_ticket_that_nobody_had_begun_is_resolved_by_its_source_alone(self) -> None:
        by_itself = Ticket.objects.filter(resolution_code="by_itself")
        assert by_itself.exists()
        for ticket in by_itself:
            assert not ticket.entries.filter(actor__isnull=False).exists()
            assert ticket.first_response_at is None
        by_people = Ticket.objects.exclude(key="").filter(clear=True).exclude(resolution_code="by_itself")
        assert by_people.exists()
        for ticket in by_people:
            assert ticket.resolved_at is not None
            assert ticket.cleared_at is not None
            assert ticket.resolved_at > ticket.cleared_at

    def test_after_the_generated_tickets_come_new_numbers(self) -> None:
        numbers = list(Ticket.objects.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert make_ticket().number == numbers[-1] + 1

    def test_the_cast_has_every_role_and_nobody_of_it_can_sign_in(self) -> None:
        cast = Person.objects.filter(username__in=[member.username for member in CAST])
        assert cast.count() == len(CAST)
        assert {person.role.key for person in cast} == set(Role.objects.values_list("key", flat=True))
        assert Counter(person.tier for person in cast if person.tier) == {1: 5, 2: 4, 3: 3}
        assert not any(person.has_usable_password() for person in cast)

    def test_every_generated_audit_entry_says_so(self) -> None:
        generated = AuditEntry.objects.filter(target_kind__in=["run", "occurrence", "freeze", "schedule", "ticket"])
        generated = generated.exclude(verb__in=["schedule_created"])
        assert generated.count() > 1000
        assert set(generated.values_list("after__demo", flat=True)) == {True}
        assert generated.filter(verb="schedule_paused", actor__username="k.dlamini").count() == 1

    def test_every_page_says_that_it_is_demo_data(self) -> None:
        client = signed_in(self.people["admin"])
        for path in ("/", "/runs/", "/findings/", "/schedule/", "/profile/"):
            page = client.get(path)
            assert page.status_code == 200, path
            text = " ".join(page.content.decode().split())
            assert f"{BANNER}</strong> 90 days, seed 1." in text, path

    def test_the_page_of_a_run_in_every_state_says_it_too(self) -> None:
        client = signed_in(self.people["viewer"])
        for state in run_states.FINAL - {run_states.SKIPPED}:
            run = Run.objects.filter(state=state).latest("pk")
            page = client.get(f"/runs/{run.pk}/")
            assert page.status_code == 200
            assert BANNER in page.content.decode()

    def test_admin_says_it_too(self) -> None:
        assert BANNER in signed_in(self.people["admin"]).get("/admin/audit/auditentry/").content.decode()


def test_the_same_seed_tells_the_same(people: dict[str, Person]) -> None:
    told: list[list[tuple[Any, ...]]] = []
    for seed in (1, 1, 2):
        with pytest.raises(_BackError):
            _generate_and_go_back(Period(10, seed, NOW), told)
    assert told[0] == told[1]
    assert told[0] != told[2]


class _BackError(Exception):
    """Undoes a generation."""


def _generate_and_go_back(period: Period, told: list[list[tuple[Any, ...]]]) -> None:
    with transaction.atomic():
        generate(period, 60, 40)
        told.append(dump())
        raise _BackError


def test_nothing_active_is_left_and_nothing_is_due(people: dict[str, Person]) -> None:
    demo_data(days=10, runs=40, tickets=30)
    now = timezone.now()
    assert not Run.objects.active().exists()
    assert not Run.objects.filter(finished_at=None).exists()
    assert not Run.objects.filter(finished_at__gt=now).exists()
    assert not RunStep.objects.filter(state__in=["pending", "running"]).exists()
    assert not Occurrence.objects.due().exists()
    assert not Schedule.objects.active().filter(next_due_at__lte=now).exists()
    assert not Schedule.objects.active().filter(next_due_at=None).exists()
    assert not Process.objects.exists()


def test_an_ordinary_installation_says_nothing(client_as: SignIn) -> None:
    assert BANNER not in client_as("viewer").get("/").content.decode()


def test_a_second_time_is_refused_and_changes_nothing(people: dict[str, Person]) -> None:
    demo_data(days=10, runs=20, tickets=10)
    before = (Run.objects.count(), Occurrence.objects.count(), Person.objects.count(), AuditEntry.objects.count())
    with pytest.raises(
        CommandError, match=r"holds demo data already \(10 days, seed 1\); nothing was added"
    ) as refused:
        demo_data(days=10, runs=20, tickets=10, seed=2)
    assert refused.value.returncode == 1
    after = (Run.objects.count(), Occurrence.objects.count(), Person.objects.count(), AuditEntry.objects.count())
    assert after == before


def test_real_runs_are_never_mixed_with_generated_ones(people: dict[str, Person]) -> None:
    make_run()
    with pytest.raises(CommandError, match="holds real runs, due times or tickets") as refused:
        demo_data()
    assert refused.value.returncode == 1
    assert Run.objects.count() == 1
    assert not Target.objects.exclude(reference=OWN).exists()


def test_a_person_of_the_same_name_is_left_alone(people: dict[str, Person]) -> None:
    Person.objects.filter(username="lead").update(username="a.moyo")
    with pytest.raises(CommandError, match=r"a\.moyo exist already"):
        demo_data()
    assert not Run.objects.exists()


def test_a_desk_that_nobody_can_sign_in_to_is_not_filled(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody could sign in"):
        demo_data()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tickets": -1}, "--tickets must be from 0 to 1,000,000"),
        ({"tickets": 1_000_001}, "--tickets must be from 0 to 1,000,000, not 1,000,001"),
        ({"days": 6}, "--days must be from 7 to 400"),
        ({"days": 401}, "--days must be from 7 to 400"),
        ({"runs": -1}, "--runs must be from 0 to 1,000,000"),
    ],
)
def test_numbers_that_cannot_be_are_usage_errors(options: dict[str, int], says: str, people: dict[str, Person]) -> None:
    with pytest.raises(CommandError, match=says) as refused:
        demo_data(**options)
    assert refused.value.returncode == 2
    assert not Run.objects.exists()
