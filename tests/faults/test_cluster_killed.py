"""Every process of a worker killed in turn: the cluster comes back, and what is queued is carried out once."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable
from subprocess import Popen

import psutil
import pytest
from django.utils import timezone

from maintenance.actions import runs, schedules
from maintenance.models import Origin, Run, Schedule, Target
from maintenance.tasks.catalog import CATALOG
from tests.faults.conftest import Start
from tests.maintenance.calendar import draft
from tests.waiting import until
from zbmaint.queue.presence import alive

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("installed"),
]
LEASE, SHORT = (
    2.0,
    {"RUN_LEASE_SECONDS": "2", "CANARY_SECONDS": "1", "CANARY_PATIENCE_SECONDS": "8", "WORKER_GRACE_SECONDS": "3"},
)
Cluster = dict[str, list[psutil.Process]]


def members(supervisor: Popen[bytes]) -> Cluster:
    """The processes of the supervisor's cluster, by what they are."""
    found: Cluster = {"main": [], "sentinel": [], "worker": [], "monitor": [], "pusher": []}
    for main in psutil.Process(supervisor.pid).children():
        found["main"].append(main)
        for sentinel in main.children():
            found["sentinel"].append(sentinel)
            for member in sentinel.children():
                title = " ".join(member.cmdline())
                role = next((role for role in ("monitor", "pusher") if role in title), "worker")
                found[role].append(member)
    return found


def complete(supervisor: Popen[bytes]) -> Cluster | None:
    try:
        found = members(supervisor)
    except psutil.NoSuchProcess:
        return None
    return found if len(found["worker"]) == 2 and found["monitor"] and found["pusher"] else None


def carry_out_one(seconds: float) -> Run:
    """Queue real work and wait until it was carried out; when a dying worker takes it along, it is lost, and asked for
    again as a person would."""
    task, target = CATALOG["database_maintenance"], Target.objects.get(reference="own")
    asked: list[Run] = []

    def is_done() -> bool:
        state = Run.objects.get(pk=asked[-1].pk).state if asked else "lost"
        if state == "lost":
            asked.append(runs.request(task, target, actor=None, origin=Origin.PERSON, dry_run=True))
        return state in ("succeeded", "warning")

    until(is_done, seconds, "a run to be carried out")
    return asked[-1]


def kill_all(role: str) -> Callable[[Cluster], None]:
    def kill(cluster: Cluster) -> None:
        for process in cluster[role]:
            process.kill()

    return kill


def kill_one_idle_worker(cluster: Cluster) -> None:
    cluster["worker"][0].kill()


def kill_group(cluster: Cluster) -> None:
    os.killpg(cluster["main"][0].pid, signal.SIGKILL)


def freeze_sentinel(cluster: Cluster) -> None:
    cluster["sentinel"][0].suspend()
    for worker in cluster["worker"]:
        worker.suspend()


@pytest.mark.parametrize(
    "harm",
    [
        # Three ends of a cluster that differ most; the others come with `make test-long`, and in its chaos.
        pytest.param(kill_all("worker"), marks=pytest.mark.long),
        kill_one_idle_worker,
        pytest.param(kill_all("monitor"), marks=pytest.mark.long),
        pytest.param(kill_all("pusher"), marks=pytest.mark.long),
        pytest.param(kill_all("sentinel"), marks=pytest.mark.long),
        kill_all("main"),
        pytest.param(kill_group, marks=pytest.mark.long),
        freeze_sentinel,
    ],
    ids=["idle workers", "an idle worker", "monitor", "pusher", "sentinel", "main", "whole group", "all frozen"],
)
def test_the_cluster_comes_back_and_works(harm: Callable[[Cluster], None], start: Start) -> None:
    Schedule.objects.update(retired_at=timezone.now())
    worker = start("worker", "long", **SHORT)
    start("ticker", TICK_SECONDS="0.2", **SHORT)
    cluster = until(lambda: complete(worker), 60, "the cluster to be complete")
    harm(cluster)
    run = carry_out_one(90)
    assert Run.objects.get(pk=run.pk).attempt == 1
    assert worker.poll() is None
    until(lambda: complete(worker), 60, "the cluster to be complete again")


def test_a_killed_supervisor_takes_its_cluster_with_it(start: Start) -> None:
    worker = start("worker", "long", **SHORT)
    cluster = until(lambda: complete(worker), 60, "the cluster to be complete")
    worker.kill()
    everybody = [process for role in cluster.values() for process in role]
    _, living = psutil.wait_procs(everybody, timeout=20)
    assert living == []


def test_another_ticker_goes_on_where_a_killed_one_stopped(start: Start) -> None:
    Schedule.objects.update(retired_at=timezone.now())
    first = start("ticker", TICK_SECONDS="0.2", **SHORT)
    until(lambda: alive("ticker").exists(), 20, "the first ticker")
    schedule = schedules.save(draft("*/1 * * * *", "cache_review"), actor=None)
    first.kill()
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=timezone.now() - dt.timedelta(minutes=3))
    start("ticker", TICK_SECONDS="0.2", **SHORT)
    until(lambda: schedule.occurrences.filter(state="started").exists(), 20, "the second ticker to go on")
    states = list(schedule.occurrences.order_by("due_at").values_list("state", flat=True))
    assert states[:3] == ["missed", "missed", "started"]
