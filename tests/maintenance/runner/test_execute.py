"""The runner with real sessions on a real server; the tasks are toys."""

from __future__ import annotations

import datetime as dt
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from incidents.models import Ticket
from maintenance import runner
from maintenance.actions import runs
from maintenance.connectors.postgres import open_session
from maintenance.models import Finding, Origin, Run, Target
from maintenance.task import Context, Outcome, Sighting, Task, TaskFailed
from tests.maintenance.toys import with_task
from tests.waiting import until
from zbmaint.queue.locks import Locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]


@pytest.fixture(autouse=True)
def _short_leases(settings: Any) -> None:
    settings.RUN_LEASE_SECONDS = 2.0


def ask(task: Task) -> Run:
    return runs.request(task, Target.objects.get(), actor=None, origin=Origin.PERSON, queue=False)


def carry_out(task: Task) -> Run:
    run = ask(task)
    runner.execute(run.pk, str(run.token))
    run.refresh_from_db()
    return run


def in_background(run: Run) -> Thread:
    """Carry out `run` in a thread, as a worker process would beside us."""

    def work() -> None:
        runner.execute(run.pk, str(run.token))
        connection.close()

    thread = Thread(target=work)
    thread.start()
    return thread


def statements(run: Run) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s AND state = 'active'",
            [f"zbmaint:run-{run.pk}:%"],
        )
        return int(cursor.fetchone()[0])


def sleep_long(context: Context) -> Outcome:
    with context.step("first"), context.session("sleep") as session:
        session.execute("SELECT pg_sleep(60)")
    return Outcome("succeeded", "Slept.")


def test_everything_a_task_reports_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(context: Context) -> Outcome:
        with context.step("first") as step:
            step.progress(3, 4, "pages")
            context.log("one\ntwo")
        with context.step("third", "A third") as step:
            step.finish("warning", "so so")
        context.skip("second", "not today")
        context.fact("size", "Size", 12, unit="bytes")
        context.find(Sighting("bloat", "public.t", "Table is bloated", "high", fix="VACUUM public.t"))
        context.report(tables=[1])
        return Outcome("warning", "Mostly done.", frozenset({"bloat"}))

    run = carry_out(with_task(monkeypatch, work))
    assert (run.state, run.verdict, run.progress) == ("warning", "Mostly done.", 100)
    steps = [(step.key, step.state, step.note, step.done, step.total) for step in run.steps.all()]
    assert steps == [
        ("first", "passed", "", 3, 4),
        ("second", "skipped", "not today", None, None),
        ("third", "warning", "so so", None, None),
    ]
    assert [(line.number, line.text) for line in run.log_lines.all()] == [(1, "one"), (2, "two"), (3, "Mostly done.")]
    assert run.facts == [{"key": "size", "label": "Size", "value": 12, "unit": "bytes", "note": ""}]
    assert run.report["tables"] == [1]
    assert run.report["findings"][0]["fix"] == "VACUUM public.t"
    assert run.findings.get().state == "new"


def test_a_finding_goes_from_new_to_ongoing_to_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(context: Context) -> Outcome:
        context.find(Sighting("bloat", "public.t", "Bloated", "low"))
        return Outcome("warning", "Seen.", frozenset({"bloat"}))

    carry_out(with_task(monkeypatch, seen))
    carry_out(with_task(monkeypatch, seen))
    assert Finding.objects.get().state == "ongoing"
    carry_out(with_task(monkeypatch, lambda _: Outcome("succeeded", "Not examined.")))
    assert Finding.objects.get().state == "ongoing"
    carry_out(with_task(monkeypatch, lambda _: Outcome("succeeded", "Gone.", frozenset({"bloat"}))))
    assert Finding.objects.get().state == "resolved"


def test_a_second_delivery_of_the_same_message_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def once(context: Context) -> Outcome:
        calls.append(context.run_id)
        return Outcome("succeeded", "Done.")

    run = carry_out(with_task(monkeypatch, once))
    runner.execute(run.pk, str(run.token))
    assert calls == [run.pk]


@pytest.mark.parametrize(
    ("problem", "state", "says"),
    [
        (TaskFailed("The disk is full: free 2 GB."), "failed", "The disk is full: free 2 GB."),
        (ValueError("no such thing\nsecond line"), "failed", "The task ended with an error: no such thing"),
        (SystemExit("Task exceeded maximum timeout value"), "timed_out", "Stopped by the worker"),
        (psycopg.OperationalError("gone"), "failed", "The connection to the target was lost: gone"),
        (KeyboardInterrupt(), "cancelled", "Cancelled"),
    ],
)
def test_whatever_a_task_raises_becomes_a_state(
    monkeypatch: pytest.MonkeyPatch, problem: BaseException, state: str, says: str
) -> None:
    def fail(context: Context) -> Outcome:
        with context.step("first"):
            raise problem

    run = carry_out(with_task(monkeypatch, fail))
    assert run.state == state
    assert says in run.verdict
    assert [step.state for step in run.steps.all()] == ["failed", "skipped"]


def test_cancel_ends_the_statement_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(with_task(monkeypatch, sleep_long))
    thread = in_background(run)
    until(lambda: statements(run) == 1, 10, "the statement to run")
    runs.request_cancel(run, None)
    thread.join(10)
    assert not thread.is_alive()
    run.refresh_from_db()
    assert (run.state, statements(run)) == ("cancelled", 0)
    assert [step.state for step in run.steps.all()] == ["cancelled", "skipped"]


def test_the_time_limit_ends_the_statement_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    run = carry_out(with_task(monkeypatch, sleep_long, timeout=1))
    assert (run.state, statements(run)) == ("timed_out", 0)
    assert "time limit" in run.verdict


def test_a_held_lock_group_skips_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with Locks("other run") as other:
        assert other.acquire(["group:db:zbmaint"]) is None
        run = carry_out(with_task(monkeypatch))
    assert (run.state, run.verdict) == ("skipped", "Skipped: db:zbmaint is locked by another run.")


def test_a_task_that_this_version_does_not_know_fails_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(with_task(monkeypatch))
    monkeypatch.undo()
    runner.execute(run.pk, str(run.token))
    run.refresh_from_db()
    assert (run.state, run.verdict) == ("failed", "There is no task 'toy' in this version.")


def test_the_lease_is_renewed_while_the_task_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(context: Context) -> Outcome:
        first = Run.objects.get(pk=context.run_id).heartbeat_at
        assert first is not None
        until(lambda: Run.objects.filter(pk=context.run_id, heartbeat_at__gt=first).exists(), 5, "a beat")
        return Outcome("succeeded", "Beaten.")

    assert carry_out(with_task(monkeypatch, work)).state == "succeeded"


def test_a_run_that_was_given_up_stops_and_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(with_task(monkeypatch, sleep_long))
    thread = in_background(run)
    until(lambda: statements(run) == 1, 10, "the statement to run")
    assert runs.mark_lost(run.pk, run.token, timezone.now() + dt.timedelta(minutes=1), "Lost for the test.")
    thread.join(10)
    assert not thread.is_alive()
    run.refresh_from_db()
    assert (run.state, run.verdict, statements(run)) == ("lost", "Lost for the test.", 0)


class TestAttempts:
    @pytest.fixture(autouse=True)
    def _short_pause(self, settings: Any) -> None:
        settings.RUN_RETRY_SECONDS = 0.05

    def carry_out(self, task: Task, retries: int) -> Run:
        terms = runs.Terms(retries=retries)
        run = runs.request(
            task, Target.objects.get(reference="own"), actor=None, origin=Origin.PERSON, queue=False, terms=terms
        )
        runner.execute(run.pk, str(run.token))
        run.refresh_from_db()
        return run

    def test_a_failure_is_tried_again_within_the_one_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tries: list[int] = []

        def work(context: Context) -> Outcome:
            tries.append(1)
            with context.step("first"):
                if len(tries) < 3:
                    raise TaskFailed("Not yet.")
            return Outcome("succeeded", "At last.")

        run = self.carry_out(with_task(monkeypatch, work), retries=2)
        assert (run.state, run.attempt, len(tries), Run.objects.count()) == ("succeeded", 3, 3, 1)
        assert [step.state for step in run.steps.all()] == ["passed", "skipped"]
        assert "Attempt 1 of 3 failed" in run.log_lines.all()[1].text

    def test_it_ends_as_failed_when_no_attempt_is_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def work(_context: Context) -> Outcome:
            raise TaskFailed("Never.")

        run = self.carry_out(with_task(monkeypatch, work), retries=1)
        assert (run.state, run.attempt, run.verdict) == ("failed", 2, "Never.")

    def test_cancelling_in_the_pause_ends_it(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.RUN_RETRY_SECONDS = 60

        def work(context: Context) -> Outcome:
            Run.objects.filter(pk=context.run_id).update(cancel_requested_at=timezone.now())
            raise TaskFailed("Never.")

        run = self.carry_out(with_task(monkeypatch, work), retries=1)
        assert (run.state, run.attempt) == ("cancelled", 1)


class TestSnapshot:
    """What stood around a run that failed is kept with it."""

    def test_a_failed_run_keeps_who_was_in_the_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_context: Context) -> Outcome:
            raise TaskFailed("No way.")

        with open_session("own", application_name="culprit") as culprit:
            culprit.execute("BEGIN")
            culprit.execute("SELECT pg_advisory_xact_lock(4711), 'secret of ada@example.org'")
            run = carry_out(with_task(monkeypatch, fail))
        target = run.snapshot["target"]
        seen = next(row for row in target["sessions"] if row["application"] == "culprit")
        assert seen["state"] == "idle in transaction"
        assert seen["query"] == "SELECT pg_advisory_xact_lock(?), ?"
        assert target["server"]["used_connections"] >= 1
        assert run.snapshot["host"]["disk_free_bytes"] > 0
        assert run.snapshot["queue"]["workers"] == 0

    def test_a_run_out_of_time_is_seen_at_work_with_its_blocker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def wait_for_a_lock(context: Context) -> Outcome:
            with context.session("wait") as session:
                session.execute("SET lock_timeout = 0")
                session.execute("SELECT pg_advisory_lock(4712)")
            return Outcome("succeeded", "Got it.")

        with open_session("own", application_name="culprit") as culprit:
            culprit.execute("SELECT pg_advisory_lock(4712)")
            run = carry_out(with_task(monkeypatch, wait_for_a_lock, timeout=1))
            pid = culprit.info.backend_pid
        assert run.state == "timed_out"
        assert run.snapshot["target"]["blockers"] == [pid]
        waits = [row for row in run.snapshot["target"]["sessions"] if row["blocked_by"]]
        assert [row["application"] for row in waits] == [f"zbmaint:run-{run.pk}:wait"]

    def test_a_target_that_does_not_answer_says_so_and_the_rest_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_context: Context) -> Outcome:
            raise TaskFailed("It is gone.")

        task = with_task(monkeypatch, fail)
        Target.objects.update(reference="env:NOT_THERE")
        run = carry_out(task)
        assert "NOT_THERE" in run.snapshot["target"]["problem"]
        assert "load" in run.snapshot["host"]

    @pytest.mark.parametrize("state", ["succeeded", "warning"])
    def test_a_run_that_did_its_work_has_none(self, monkeypatch: pytest.MonkeyPatch, state: Any) -> None:
        assert carry_out(with_task(monkeypatch, lambda _: Outcome(state, "Done."))).snapshot == {}


def test_findings_and_end_are_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was given up between the two leaves no finding of which nobody was told."""

    def seen(context: Context) -> Outcome:
        context.find(Sighting("bloat", "public.t", "Bloated", "high"))
        return Outcome("warning", "Seen.", frozenset({"bloat"}))

    monkeypatch.setattr(runs, "finish", lambda *_args, **_facts: False)
    carry_out(with_task(monkeypatch, seen))
    assert not Finding.objects.exists()


def test_a_new_finding_of_high_severity_and_a_failure_open_tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(context: Context) -> Outcome:
        context.find(Sighting("bloat", "public.t", "Bloated", "high"))
        raise TaskFailed("The disk is full.")

    carry_out(with_task(monkeypatch, seen))
    titles = set(Ticket.objects.values_list("title", flat=True))
    target = Target.objects.get()
    assert titles == {f"Toy failed on {target}", f"Bloated on {target}"}
    carry_out(with_task(monkeypatch, lambda _: Outcome("succeeded", "Gone.", frozenset({"bloat"}))))
    assert set(Ticket.objects.values_list("status", flat=True)) == {"resolved"}
