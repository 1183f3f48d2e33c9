"""The end of a run is told to the monitoring webhook, in the transaction that ends it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from maintenance import runner
from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from maintenance.runner.reaper import reap
from maintenance.task import Context, Outcome, Task
from maintenance.tasks.catalog import CATALOG
from tests.maintenance.toys import toy
from tests.notifications.posting import work
from tests.receivers import Receiver, receiver, status
from zbmaint.notifications.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]
URL = "MONITORING_WEBHOOK_URL"


def report(context: Context) -> Outcome:
    context.report(maintenance_date="2026-04-05T03:00:00+00:00", tables=[{"table": "public.a"}])
    return Outcome("warning", "Mostly done.")


@pytest.fixture
def announcing(monkeypatch: pytest.MonkeyPatch, environment: pytest.MonkeyPatch) -> Task:
    """A toy whose runs are announced, and a webhook to announce them to."""
    environment.setenv(URL, "https://monitoring.example.org/hook")
    task = replace(toy(report), announces=True)
    monkeypatch.setitem(CATALOG, "toy", task)
    return task


def ask(task: Task, **options: Any) -> Run:
    return runs.request(task, Target.objects.get(), actor=None, origin=Origin.PERSON, queue=False, **options)


def carry_out(task: Task, **options: Any) -> Run:
    run = ask(task, **options)
    runner.execute(run.pk, str(run.token))
    run.refresh_from_db()
    return run


def test_database_maintenance_is_announced() -> None:
    assert [task.key for task in CATALOG.values() if task.announces] == ["database_maintenance"]


def test_the_end_of_a_run_is_posted_with_its_report(announcing: Task) -> None:
    run = carry_out(announcing)
    notice = Notice.objects.get()
    assert (notice.kind, notice.topic, notice.event) == (
        "maintenance.run_finished",
        f"run:{run.pk}",
        f"run:{run.pk}:finished",
    )
    assert (notice.transport, notice.recipient, notice.occurred_at) == ("webhook", "monitoring", run.finished_at)
    assert notice.payload == {
        "run": run.pk,
        "task": "toy",
        "target": run.target.name if run.target else "",
        "state": "warning",
        "verdict": "Mostly done.",
        "error": "",
        "url": f"http://127.0.0.1:8000/runs/{run.pk}/",
        "queued_at": iso(run.queued_at),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "duration_seconds": notice.payload["duration_seconds"],
        "report": run.report,
    }
    assert 0 <= notice.payload["duration_seconds"] < 30
    assert run.report["tables"] == [{"table": "public.a"}]
    assert OrmQ.objects.filter(key="short").count() == 1


def iso(moment: dt.datetime | None) -> str:
    """As Django writes it into JSON: milliseconds and Z."""
    assert moment is not None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_dry_run_is_not_told(announcing: Task) -> None:
    assert carry_out(announcing, dry_run=True).state == "warning"
    assert Notice.objects.count() == 0


def test_a_task_that_does_not_announce_is_not_told(announcing: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOG, "toy", quiet := replace(announcing, announces=False))
    carry_out(quiet)
    assert Notice.objects.count() == 0


def test_without_a_url_nothing_is_posted(announcing: Task, environment: pytest.MonkeyPatch) -> None:
    environment.delenv(URL)
    assert carry_out(announcing).state == "warning"
    assert (Notice.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_a_run_whose_worker_died_is_told_too(announcing: Task) -> None:
    run = ask(announcing)
    assert runs.claim(run.pk, str(run.token), "elsewhere:1")
    Run.objects.update(heartbeat_at=timezone.now() - dt.timedelta(hours=1))
    reap(timezone.now())
    notice = Notice.objects.get()
    assert (notice.payload["run"], notice.payload["state"]) == (run.pk, "lost")
    assert "died" in notice.payload["verdict"]


def test_the_notice_rolls_back_with_the_end_of_the_run(announcing: Task) -> None:
    run = ask(announcing)
    assert runs.claim(run.pk, str(run.token), "here:1")
    with transaction.atomic():
        assert runs.finish(run.pk, run.token, "succeeded", verdict="Done.", announce=True)
        assert Notice.objects.count() == 1
        transaction.set_rollback(True)
    assert (Run.objects.get().state, Notice.objects.count(), OrmQ.objects.count()) == ("running", 0, 0)


def test_a_failed_delivery_does_not_change_the_run(
    announcing: Task, environment: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
    with receiver(status(500)) as server:
        set_to(server, environment)
        run = carry_out(announcing)
        before = Run.objects.values().get(pk=run.pk)
        work()
    assert Notice.objects.get().state == "failed"
    assert Run.objects.values().get(pk=run.pk) == before


def set_to(server: Receiver, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(URL, server.url())
    environment.setenv("MONITORING_WEBHOOK_SECRET", "secret")
