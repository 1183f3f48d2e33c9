"""What maintenance tells the people's floor: once for a task on a target, and never nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from incidents.models import Ticket
from maintenance.actions import findings, freezes, occurrences, planning, runs, schedules
from maintenance.models import Finding, Occurrence, Run, Target
from maintenance.runner import dispatcher
from maintenance.task import Sighting
from tests.maintenance.calendar import draft, instant
from tests.maintenance.made import make_run
from tests.maintenance.toys import with_task
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
BLOAT = frozenset({"bloat"})


def end(state: str, *found: Sighting, examined: frozenset[str] = BLOAT, **facts: Any) -> Run:
    """A run of the toy task that ends in `state` having found this, as the runner ends it."""
    run = make_run("running", task="toy", **facts)
    seen = findings.record_sightings(run, found, examined)
    assert runs.finish(run.pk, run.token, state, verdict=f"It {state}.", news=findings.news(run, seen))
    run.refresh_from_db()
    return run


def bloat(severity: Any = "high", subject: str = "public.t") -> Sighting:
    return Sighting("bloat", subject, f"{subject} is bloated", severity, "Half of it is empty", "VACUUM FULL;")


def ticket_of(prefix: str) -> Ticket:
    return Ticket.objects.get(key__startswith=prefix)


def statuses() -> list[str]:
    return list(Ticket.objects.order_by("number").values_list("status", flat=True))


class TestRuns:
    @pytest.mark.parametrize(
        ("state", "title"),
        [("failed", "Toy failed on"), ("timed_out", "Toy timed out on"), ("lost", "Toy lost on")],
    )
    def test_one_that_did_not_do_its_work_opens_a_ticket(self, own_target: Target, state: str, title: str) -> None:
        run = end(state)
        ticket = Ticket.objects.get()
        assert ticket.title == f"{title} {own_target}"
        assert (ticket.severity, ticket.source, ticket.key) == ("high", "maintenance", f"task:toy:{own_target.pk}")
        assert f"It {state}." in ticket.description
        assert ticket.category is not None
        assert ticket.category.key == "database"
        # It is a real ticket: it waits in tier 1, whose clock runs.
        assert (ticket.tier_id, ticket.due_clock, ticket.stints.count()) == (1, "response", 1)
        assert ticket.due_at == ticket.created_at + dt.timedelta(hours=1)
        link = ticket.links.get()
        assert (link.kind, link.ref, link.url) == ("run", str(run.pk), f"/runs/{run.pk}/")

    def test_again_and_again_is_one_ticket(self) -> None:
        for state in ("failed", "lost", "timed_out"):
            end(state)
        assert Ticket.objects.get().occurrences == 3

    @pytest.mark.parametrize("state", ["succeeded", "warning"])
    def test_the_next_that_does_its_work_clears_it(self, state: str) -> None:
        end("failed")
        run = end(state)
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.clear) == ("resolved", True)
        assert ticket.links.filter(ref=str(run.pk)).exists()

    @pytest.mark.parametrize("state", ["cancelled", "not_configured"])
    def test_one_that_says_nothing_of_the_target_neither_raises_nor_clears(self, state: str) -> None:
        end(state)
        assert not Ticket.objects.exists()
        end("failed")
        end(state)
        assert statuses() == ["open"]

    def test_a_dry_run_neither_raises_nor_clears(self) -> None:
        end("failed", dry_run=True)
        assert not Ticket.objects.exists()
        end("failed")
        end("succeeded", dry_run=True)
        assert statuses() == ["open"]

    def test_another_target_or_task_has_its_own(self) -> None:
        end("failed")
        end("failed", target=Target.objects.create(name="other", reference="env:OTHER"))
        run = make_run("running", task="other_task")
        runs.finish(run.pk, run.token, "failed", verdict="x")
        end("succeeded")
        assert statuses() == ["resolved", "open", "open"]

    def test_a_target_that_is_renamed_keeps_its_ticket(self, own_target: Target) -> None:
        end("failed")
        Target.objects.filter(pk=own_target.pk).update(name="renamed")
        end("succeeded")
        assert statuses() == ["resolved"]

    def test_one_whose_worker_died_raises_it(self) -> None:
        run = make_run("running", task="toy")
        assert runs.mark_lost(run.pk, run.token, timezone.now() + dt.timedelta(minutes=1), "Lost: the worker died.")
        assert "the worker died" in Ticket.objects.get().description.lower()

    def test_one_that_no_version_knows_raises_it(self) -> None:
        run = make_run("queued", task="gone")
        assert runs.refuse_to_start(run.pk, str(run.token), "failed", "There is no task 'gone'.")
        assert Ticket.objects.get().title.startswith("Gone failed")

    def test_a_skipped_one_does_not(self) -> None:
        run = make_run("queued", task="toy")
        assert runs.refuse_to_start(run.pk, str(run.token), "skipped", "Skipped: locked.")
        assert not Ticket.objects.exists()

    def test_what_is_not_written_is_not_told(self) -> None:
        run = end("succeeded")
        assert not runs.finish(run.pk, run.token, "failed", verdict="too late")
        assert not Ticket.objects.exists()


class TestFindings:
    def test_a_new_one_of_high_severity_opens_a_ticket_of_its_own(self) -> None:
        run = end("warning", bloat("critical"))
        ticket, finding = Ticket.objects.get(), Finding.objects.get()
        assert ticket.key == f"finding:{finding.pk}"
        assert (ticket.severity, ticket.status) == ("critical", "open")
        assert "VACUUM FULL;" in ticket.description
        assert set(ticket.links.values_list("kind", "ref")) == {("finding", str(finding.pk)), ("run", str(run.pk))}

    @pytest.mark.parametrize("severity", ["medium", "low"])
    def test_a_lesser_one_does_not(self, severity: str) -> None:
        end("warning", bloat(severity))
        assert not Ticket.objects.exists()

    def test_one_that_goes_on_is_told_once(self) -> None:
        end("warning", bloat())
        end("warning", bloat())
        assert Ticket.objects.get().occurrences == 1

    def test_one_that_gets_worse_is_told(self) -> None:
        end("warning", bloat("medium"))
        end("warning", bloat("high"))
        assert Ticket.objects.get().severity == "high"

    def test_resolved_it_clears_its_ticket_and_come_back_it_opens_another(self) -> None:
        end("warning", bloat())
        end("succeeded")
        assert statuses() == ["resolved"]
        end("warning", bloat())
        assert statuses() == ["resolved", "open"]

    def test_a_run_that_did_not_look_clears_nothing(self) -> None:
        end("warning", bloat())
        end("succeeded", examined=frozenset())
        assert statuses() == ["open"]

    def test_a_run_that_brings_news_does_not_clear_the_task_but_the_next_does(self) -> None:
        end("failed")
        end("warning", bloat())
        assert ticket_of("task:").status == "open"
        end("warning", bloat())
        assert ticket_of("task:").status == "resolved"
        assert ticket_of("finding:").status == "open"

    @pytest.mark.parametrize(("state", "facts"), [("warning", {"dry_run": True}), ("cancelled", {})])
    def test_what_a_dry_or_cancelled_run_saw_the_next_real_one_tells(self, state: str, facts: dict[str, Any]) -> None:
        end(state, bloat(), **facts)
        assert not Ticket.objects.exists()
        end("warning", bloat())
        assert Ticket.objects.get().key.startswith("finding:")

    def test_a_failed_run_tells_what_it_found_too(self) -> None:
        end("failed", bloat())
        assert {ticket.key.partition(":")[0] for ticket in Ticket.objects.all()} == {"task", "finding"}


class TestAcceptance:
    @pytest.fixture
    def finding(self, people: dict[str, Person]) -> Finding:
        end("warning", bloat())
        finding = Finding.objects.get()
        until = timezone.now().date() + dt.timedelta(days=10)
        return findings.accept(finding, actor=people["tier3"], until=until, reason="The table goes next week")

    def test_it_clears_the_ticket_and_says_who_and_why(self, finding: Finding) -> None:
        ticket = Ticket.objects.get()
        assert ticket.status == "resolved"
        assert "by tier3: The table goes next week" in ticket.entries.get(kind="cleared").data["description"]

    def test_accepted_it_is_never_told_again(self, finding: Finding) -> None:
        end("warning", bloat())
        end("warning", bloat("critical"))
        assert statuses() == ["resolved"]

    def test_after_its_last_day_it_is_told_again(self, finding: Finding) -> None:
        end("warning", bloat())
        with time_machine.travel(timezone.now() + dt.timedelta(days=11), tick=False):
            end("warning", bloat())
        finding.refresh_from_db()
        assert (finding.state, statuses()) == ("ongoing", ["resolved", "open"])

    def test_reopened_it_is_told_at_once(self, finding: Finding, people: dict[str, Person]) -> None:
        findings.reopen(finding, actor=people["tier3"])
        assert statuses() == ["resolved", "open"]
        end("warning", bloat())
        assert statuses() == ["resolved", "open"]

    def test_a_lesser_one_is_reopened_in_silence(self, people: dict[str, Person]) -> None:
        end("warning", bloat("low"))
        finding = Finding.objects.get()
        until = timezone.now().date() + dt.timedelta(days=10)
        findings.accept(finding, actor=people["tier3"], until=until, reason="x")
        findings.reopen(finding, actor=people["tier3"])
        assert not Ticket.objects.exists()


class TestMissed:
    @pytest.fixture
    def nightly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The toy task is due every day at 02:00; the first time is on 8 April."""
        with_task(monkeypatch, needs="")
        with time_machine.travel(instant("2026-04-08 01:00"), tick=False):
            schedules.save(draft("daily 02:00", "toy", key="nightly"), actor=None)

    def pass_until(self, text: str) -> None:
        with time_machine.travel(instant(text), tick=False):
            planning.plan_due(timezone.now())
            dispatcher.dispatch_due(timezone.now())

    def toys(self) -> list[str]:
        return list(Occurrence.objects.filter(task="toy").order_by("due_at").values_list("state", flat=True))

    def test_three_days_of_stopped_workers_are_one_ticket(self, nightly: None) -> None:
        self.pass_until("2026-04-11 12:00")
        assert self.toys() == ["missed"] * 4
        ticket = Ticket.objects.get(key="task:toy")
        assert (ticket.title, ticket.severity, ticket.occurrences) == ("Toy missed", "medium", 4)
        assert "Due 8 Apr 2026, 02:00 UTC in Nightly, and not started" in ticket.description

    def test_a_run_by_hand_that_does_its_work_clears_it(self, nightly: None) -> None:
        self.pass_until("2026-04-08 12:00")
        run = make_run("running", task="toy", target=None)
        runs.finish(run.pk, run.token, "succeeded", verdict="Done.")
        assert Ticket.objects.get(key="task:toy").status == "resolved"

    def test_a_frozen_one_is_skipped_and_raises_nothing(self, nightly: None, people: dict[str, Person]) -> None:
        with time_machine.travel(instant("2026-04-08 01:30"), tick=False):
            begins, ends = instant("2026-04-08 01:30"), instant("2026-04-09 01:00")
            freezes.begin(actor=people["lead"], reason="Release", begins_at=begins, ends_at=ends, targets=())
        self.pass_until("2026-04-08 12:00")
        assert self.toys() == ["skipped"]
        assert not Ticket.objects.filter(key="task:toy").exists()

    def test_what_this_version_does_not_carry_out_raises_nothing(self) -> None:
        with time_machine.travel(instant("2026-04-08 01:00"), tick=False):
            schedules.save(draft("daily 02:00", "cache_review", key="nightly"), actor=None)
        self.pass_until("2026-04-09 12:00")
        assert Occurrence.objects.filter(task="cache_review", schedule__key="nightly", state="missed").exists()
        assert not Ticket.objects.exists()

    def test_a_run_that_no_worker_took_in_time_raises_it(self, nightly: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dispatcher, "capacity", lambda: 1)
        self.pass_until("2026-04-08 02:00")
        assert self.toys() == ["started"]
        self.pass_until("2026-04-08 12:00")
        assert self.toys() == ["missed"]
        ticket = Ticket.objects.get(key="task:toy")
        assert "no worker took its run" in ticket.description

    def test_a_failure_after_it_raises_its_severity(self, nightly: None) -> None:
        self.pass_until("2026-04-08 12:00")
        run = make_run("running", task="toy", target=None)
        runs.finish(run.pk, run.token, "failed", verdict="No.")
        ticket = Ticket.objects.get(key="task:toy")
        assert (ticket.severity, ticket.occurrences) == ("high", 2)

    def test_settled_by_somebody_else_it_is_told_once(self, nightly: None) -> None:
        self.pass_until("2026-04-08 12:00")
        assert not occurrences.settle(Occurrence.objects.filter(task="toy").latest("pk").pk, "missed", "again")
        assert Ticket.objects.get(key="task:toy").occurrences == 1
