"""Ten minutes of seeded chaos: two supervisors, two tickers, everything killed at random, PostgreSQL restarted.

CHAOS_SEED and CHAOS_SECONDS set another seed and length. Prints a summary: kills, slots, lost, done twice, overlaps.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from subprocess import Popen
from threading import Event, Thread
from typing import Any

import psutil
import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.actions import schedules
from maintenance.models import Occurrence, Run, Schedule, Target
from tests.faults.conftest import Start
from tests.maintenance.calendar import draft
from tests.waiting import until
from zbmaint.embedded.postgres import PostgresServer

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]
SEED = int(os.environ.get("CHAOS_SEED", "1"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "600"))
LEASE = 3.0
SHORT = {
    "RUN_LEASE_SECONDS": str(LEASE),
    "CANARY_SECONDS": "3",
    "CANARY_PATIENCE_SECONDS": "10",
    "WORKER_GRACE_SECONDS": "5",
    "TICK_SECONDS": "0.5",
}
DATABASES = [f"chaos_{number}" for number in range(1, 5)]


@pytest.fixture
def targets(postgres18: PostgresServer, environment: pytest.MonkeyPatch) -> Iterator[list[Target]]:
    """Databases whose one table takes a few seconds to vacuum, again and again."""
    made = []
    for name in DATABASES:
        postgres18.create_database(name)
        with postgres18.connect(name) as session:
            session.execute("CREATE TABLE t AS SELECT generate_series(1, 20000) AS id, repeat('x', 100) AS filler")
            session.execute(f"ALTER DATABASE {name} SET vacuum_cost_delay = '10ms'")
            session.execute(f"ALTER DATABASE {name} SET vacuum_cost_limit = 20")
        environment.setenv(f"{name.upper()}_URL", postgres18.url(name, "postgres"))
        made.append(Target.objects.create(name=name, reference=f"env:{name.upper()}_URL"))
    yield made
    with postgres18.connect() as session:
        for name in DATABASES:
            session.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Sampler(Thread):
    """Looks at the server all the time: two runs at one target, or two copies of one run, are what must never be."""

    def __init__(self, server: PostgresServer, done: Event) -> None:
        super().__init__(daemon=True)
        self._server, self._done = server, done
        self.samples = 0
        self.overlaps: list[str] = []
        self.copies: list[str] = []

    def run(self) -> None:
        while not self._done.wait(0.1):
            with suppress(psycopg.Error):
                self._look()

    def _look(self) -> None:
        with self._server.connect() as session:
            rows = session.execute(
                "SELECT datname, application_name, count(*) FROM pg_stat_activity"
                " WHERE application_name LIKE 'zbmaint:run-%' AND query ILIKE 'VACUUM%' AND state = 'active'"
                " GROUP BY 1, 2"
            ).fetchall()
        self.samples += 1
        by_database: dict[str, set[str]] = {}
        for database, name, count in rows:
            by_database.setdefault(database, set()).add(name.split(":")[1])
            if count > 1:
                self.copies.append(f"{name} x {count}")
        self.overlaps += [f"{database}: {sorted(names)}" for database, names in by_database.items() if len(names) > 1]


class Chaos:
    """Kills at random what the product consists of, and starts again what a process manager would."""

    def __init__(self, start: Start, server: PostgresServer, seed: int) -> None:
        self._start, self._server = start, server
        self._random = random.Random(seed)
        self.kinds = (("worker", "long"), ("worker", "long"), ("ticker",), ("ticker",))
        self.processes: list[Popen[bytes]] = [start(*kind, **SHORT) for kind in self.kinds]
        self.kills: Counter[str] = Counter()

    def strike(self) -> None:
        """One fault."""
        faults: list[tuple[str, Callable[[], None]]] = [
            ("worker process", lambda: self._kill("worker")),
            ("worker process", lambda: self._kill("worker")),
            ("busy worker", self._kill_busy),
            ("busy worker", self._kill_busy),
            ("monitor", lambda: self._kill("monitor")),
            ("pusher", lambda: self._kill("pusher")),
            ("sentinel", lambda: self._kill("sentinel")),
            ("main", lambda: self._kill("main")),
            ("group", self._kill_group),
            ("supervisor", lambda: self._kill_own(0, 1)),
            ("ticker", lambda: self._kill_own(2, 3)),
            ("duplicate delivery", self._deliver_again),
            ("postgres fast", lambda: self._restart(signal.SIGINT)),
            ("postgres immediate", lambda: self._restart(signal.SIGQUIT)),
        ]
        name, harm = self._random.choice(faults)
        with suppress(psutil.Error, ProcessLookupError, IndexError, DatabaseError):
            harm()
            self.kills[name] += 1
        self._revive()

    def _revive(self) -> None:
        for at, kind in enumerate(self.kinds):
            if self.processes[at].poll() is not None:
                self.processes[at] = self._start(*kind, **SHORT)

    def _members(self, role: str) -> list[psutil.Process]:
        found = []
        for supervisor in self.processes[:2]:
            for main in psutil.Process(supervisor.pid).children():
                sentinels = main.children()
                if role == "main":
                    found.append(main)
                elif role == "sentinel":
                    found += sentinels
                else:
                    members = [member for sentinel in sentinels for member in sentinel.children()]
                    found += [m for m in members if _role(m) == role]
        return found

    def _kill(self, role: str) -> None:
        self._random.choice(self._members(role)).kill()

    def _kill_busy(self) -> None:
        workers = list(Run.objects.filter(state="running").values_list("worker", flat=True))
        os.kill(int(self._random.choice(workers).rpartition(":")[2]), signal.SIGKILL)

    def _kill_group(self) -> None:
        os.killpg(self._random.choice(self._members("main")).pid, signal.SIGKILL)

    def _kill_own(self, *places: int) -> None:
        self.processes[self._random.choice(places)].kill()

    def _deliver_again(self) -> None:
        OrmQ.objects.update(lock=timezone.now())

    def _restart(self, how: signal.Signals) -> None:
        pid = self._server.running_pid()
        if pid is not None:
            os.kill(pid, how)
        self._server.process.wait(30)  # type: ignore[union-attr]  # this process started it
        self._server.start()
        self._server.wait_ready()
        connection.close()


def _role(process: psutil.Process) -> str:
    title = " ".join(process.cmdline())
    return next((role for role in ("monitor", "pusher") if role in title), "worker")


def persistently(look: Callable[[], Any]) -> Any:
    """Ask our database until it answers: it is restarted under us."""
    while True:
        try:
            return look()
        except DatabaseError:
            connection.close()
            time.sleep(0.2)


def spoil(server: PostgresServer) -> None:
    """Give every target something to vacuum."""
    for name in DATABASES:
        with suppress(psycopg.Error), server.connect(name) as session:
            session.execute("UPDATE t SET filler = filler WHERE id % 5 = 0")


def test_chaos(start: Start, targets: list[Target], postgres18: PostgresServer, capsys: Any) -> None:
    Schedule.objects.update(retired_at=timezone.now())
    for target in targets:
        facts = {"target": target, "lateness_minutes": 5, "catch_up": "latest"}
        schedules.save(draft("*/1 * * * *", "database_maintenance", overlap="wait", facts=facts), actor=None)
    for _ in range(10):
        schedules.save(draft("*/1 * * * *", "cache_review", facts={"lateness_minutes": 5}), actor=None)
    begun, done = timezone.now(), Event()
    sampler = Sampler(postgres18, done)
    sampler.start()
    chaos = Chaos(start, postgres18, SEED)
    pace = random.Random(SEED)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        spoil(postgres18)
        time.sleep(pace.uniform(4, 8))  # the time between two faults is what this is about
        persistently(chaos.strike)
    persistently(lambda: Schedule.objects.update(retired_at=timezone.now()))
    until(lambda: persistently(lambda: not unfinished()), 120, "everything to settle")
    done.set()
    sampler.join()
    report = summary(chaos, sampler, begun)
    with capsys.disabled():
        lines = [f"chaos, seed {SEED}, {SECONDS:g} s:", *(f"  {key}: {value}" for key, value in report.items())]
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert (report["lost in silence"], report["done twice"], report["overlaps"]) == (0, 0, 0)
    assert report["cluster works after it"]


def unfinished() -> bool:
    return Occurrence.objects.due().exists() or Run.objects.active().exists()


def summary(chaos: Chaos, sampler: Sampler, begun: Any) -> dict[str, Any]:
    """What became of every slot. A slot is lost in silence when a due minute of a schedule has no row."""
    ended = timezone.now()
    expected = 0
    missing = 0
    for schedule in Schedule.objects.filter(key__startswith="schedule-"):
        until_when = schedule.retired_at or ended
        minutes = int(until_when.timestamp() // 60 - begun.timestamp() // 60)
        rows = schedule.occurrences.count()
        expected += minutes
        # The minute in which the schedule was retired may or may not have been planned.
        missing += max(0, minutes - 1 - rows)
    runs = Run.objects.all()
    started = Occurrence.objects.filter(state="started").count()
    return {
        "kills and faults": dict(sorted(chaos.kills.items())),
        "in all": sum(chaos.kills.values()),
        "slots": expected,
        "occurrences": dict(Counter(Occurrence.objects.values_list("state", flat=True))),
        "runs": dict(Counter(runs.values_list("state", flat=True))),
        "lost in silence": missing,
        "done twice": len(sampler.copies) + (runs.filter(origin="schedule").count() - started - _withdrawn()),
        "overlaps": len(sampler.overlaps),
        "samples": sampler.samples,
        "cluster works after it": runs.filter(state__in=["succeeded", "warning"]).exists(),
    }


def _withdrawn() -> int:
    return Run.objects.filter(origin="schedule", occurrence__state="missed").count()
