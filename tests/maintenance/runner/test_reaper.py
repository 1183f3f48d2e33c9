from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.actions import runs
from maintenance.connectors.postgres import open_session
from maintenance.models import Origin, Run, Target
from maintenance.runner.reaper import reap
from maintenance.tasks.catalog import CATALOG
from tests.maintenance.toys import succeed, toy
from tests.waiting import until
from zbmaint.queue.locks import Locks
from zbmaint.queue.presence import Presence

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]
LEASE = 2.0


@pytest.fixture(autouse=True)
def _short_leases(settings: Any) -> None:
    settings.RUN_LEASE_SECONDS = LEASE


def running(age_in_leases: float) -> Run:
    """A run whose worker last proved that it lives so many leases ago."""
    run = runs.request(toy(succeed), Target.objects.get(), actor=None, origin=Origin.PERSON)
    runs.claim(run.pk, str(run.token), "elsewhere:4711")
    beat = timezone.now() - dt.timedelta(seconds=age_in_leases * LEASE)
    Run.objects.filter(pk=run.pk).update(heartbeat_at=beat)
    return run


def test_a_run_whose_lease_is_two_leases_old_is_lost_and_says_whose_worker_died() -> None:
    run = running(2.1)
    reap(timezone.now())
    run.refresh_from_db()
    assert run.state == "lost"
    assert "worker elsewhere:4711 died" in run.verdict
    assert "not repeated by itself" in run.verdict


def test_what_a_dead_worker_left_at_work_is_pictured_before_it_is_ended() -> None:
    run = running(3)
    orphan = open_session("own", application_name=f"zbmaint:run-{run.pk}:vacuum 1")
    orphan.execute("BEGIN")
    orphan.execute("SELECT 1")
    reap(timezone.now())
    run.refresh_from_db()
    assert f"zbmaint:run-{run.pk}:vacuum 1" in [row["application"] for row in run.snapshot["target"]["sessions"]]
    assert "It left 1 session on the target, which was ended." in run.verdict
    orphan.close()


def test_a_late_beat_is_not_yet_a_death() -> None:
    run = running(1.9)
    reap(timezone.now())
    run.refresh_from_db()
    assert run.state == "running"


def test_a_target_that_cannot_be_reached_does_not_keep_a_run_from_being_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREACHABLE_URL", "postgresql://a:hunter2@127.0.0.1:1/b")
    run = running(3)
    Target.objects.update(reference="env:UNREACHABLE_URL")
    reap(timezone.now())
    run.refresh_from_db()
    assert run.state == "lost"
    assert "could not be checked" in run.verdict
    assert "hunter2" not in run.verdict


def test_the_locks_of_a_frozen_worker_are_free_again() -> None:
    run = running(3)
    with Locks(f"run-{run.pk}") as frozen, Locks("next") as following:
        assert frozen.acquire(["group:db:zbmaint"]) is None
        reap(timezone.now())
        until(lambda: following.acquire(["group:db:zbmaint"]) is None, 5, "the lock group to be free")


def test_a_queued_run_whose_message_vanished_is_sent_again_with_a_new_token() -> None:
    run = runs.request(toy(succeed), Target.objects.get(), actor=None, origin=Origin.PERSON)
    OrmQ.objects.all().delete()
    Run.objects.update(queued_at=timezone.now() - dt.timedelta(seconds=4 * LEASE))
    reap(timezone.now())
    again = Run.objects.get()
    assert again.token != run.token
    assert OrmQ.objects.get().task["args"] == (run.pk, str(again.token))


def test_a_queued_run_whose_message_lies_in_a_dead_cluster_is_sent_to_one_that_is_free() -> None:
    run = runs.request(toy(succeed), Target.objects.get(), actor=None, origin=Origin.PERSON)
    now = timezone.now()
    Run.objects.update(queued_at=now - dt.timedelta(seconds=4 * LEASE))
    OrmQ.objects.update(lock=now + dt.timedelta(days=1) - dt.timedelta(seconds=3.5 * LEASE))
    reap(now)
    assert Run.objects.get().token == run.token, "nobody is free to take it"
    Presence("worker", "long").beat()
    reap(now)
    reap(now)
    again = Run.objects.get()
    assert again.token != run.token
    assert sorted(row.task["args"][1] for row in OrmQ.objects.all()) == sorted([str(run.token), str(again.token)])


def test_a_lost_run_that_changes_nothing_gets_its_next_attempt() -> None:
    run = running(3)
    Run.objects.update(retries=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CATALOG, "toy", dataclasses.replace(toy(succeed), changes_things=False))
        reap(timezone.now())
    again = Run.objects.get()
    assert (again.state, again.attempt, OrmQ.objects.filter(key="long").count()) == ("queued", 2, 2)
    assert not runs.finish(run.pk, run.token, "succeeded", verdict="From the dead worker.")


def test_a_lost_run_that_changes_things_is_never_tried_again() -> None:
    running(3)
    Run.objects.update(retries=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CATALOG, "toy", toy(succeed))
        reap(timezone.now())
    assert Run.objects.get().state == "lost"


def test_a_queued_run_whose_message_still_waits_is_left_alone() -> None:
    run = runs.request(toy(succeed), Target.objects.get(), actor=None, origin=Origin.PERSON)
    Run.objects.update(queued_at=timezone.now() - dt.timedelta(seconds=40 * LEASE))
    reap(timezone.now())
    assert (Run.objects.get().token, OrmQ.objects.count()) == (run.token, 1)
