"""A worker that is killed in the middle of a VACUUM: the run is lost, visibly, and nothing of it lives on."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.models import Run
from tests.faults.conftest import Start
from tests.waiting import until
from zbmaint.embedded.postgres import PostgresServer

pytestmark = pytest.mark.django_db(transaction=True)


def statements(postgres: PostgresServer, run: Run, what: str = "%") -> int:
    with postgres.connect() as session:
        row = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s AND query ILIKE %s",
            [f"zbmaint:run-{run.pk}:%", what],
        ).fetchone()
    return int(row[0]) if row else 0


def state(run: Run) -> str:
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


def kill_its_worker(run: Run) -> float:
    """`kill -9` the process that carries out `run`; returns when, on the monotonic clock."""
    host_and_pid = Run.objects.get(pk=run.pk).worker
    os.kill(int(host_and_pid.rpartition(":")[2]), signal.SIGKILL)
    return time.monotonic()


def check_lost_within_three_leases(postgres: PostgresServer, run: Run, lease: float) -> None:
    until(lambda: statements(postgres, run, "VACUUM%"), 60, "the VACUUM to run")
    killed_at = kill_its_worker(run)
    until(lambda: state(run) == "lost", 3 * lease, "the run to be lost within three leases")
    assert time.monotonic() - killed_at < 3 * lease
    until(lambda: statements(postgres, run) == 0, 5, "the server to end what the worker left")
    run.refresh_from_db()
    assert "died" in run.verdict
    assert run.steps.filter(state="running").count() == 0


def test_it_is_lost_within_three_leases_and_no_second_copy_runs(
    slow_run: Run, postgres: PostgresServer, start: Start
) -> None:
    lease = 2.0
    start("worker", "long", RUN_LEASE_SECONDS=str(lease))
    start("ticker", RUN_LEASE_SECONDS=str(lease), TICK_SECONDS="0.2")
    check_lost_within_three_leases(postgres, slow_run, lease)
    lines = slow_run.log_lines.count()
    # The queue would deliver the message again after a day; have it do so now.
    OrmQ.objects.update(lock=timezone.now() - dt.timedelta(days=1))
    until(lambda: not OrmQ.objects.exists(), 30, "the message to be delivered again and taken as a duplicate")
    assert (state(slow_run), slow_run.log_lines.count(), statements(postgres, slow_run)) == ("lost", lines, 0)
    assert Run.objects.count() == 1


@pytest.mark.long
@pytest.mark.parametrize("postgres", [18], indirect=True)
def test_the_shipped_lease_keeps_the_same_promise(slow_run: Run, postgres: PostgresServer, start: Start) -> None:
    lease = settings.RUN_LEASE_SECONDS
    assert lease == 20.0
    start("worker", "long")
    start("ticker")
    check_lost_within_three_leases(postgres, slow_run, lease)
