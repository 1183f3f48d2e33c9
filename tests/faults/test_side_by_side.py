"""Two tickers and two workers side by side, and all of them told to stop in the middle: nothing twice, nothing lost."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models import Count
from django.utils import timezone

from maintenance.actions import schedules
from maintenance.models import Occurrence, Run, Schedule, Target
from tests.faults.conftest import Start
from tests.maintenance.calendar import draft
from tests.waiting import until
from zbmaint import processes
from zbmaint.audit.models import AuditEntry
from zbmaint.embedded.postgres import PostgresServer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("installed"),
]
SHORT = {"RUN_LEASE_SECONDS": "4", "TICK_SECONDS": "0.2", "WORKER_GRACE_SECONDS": "30"}
REAL = 8


@pytest.fixture(params=[108, pytest.param(492, marks=pytest.mark.long)])
def light(request: pytest.FixtureRequest) -> int:
    """How many of the occurrences only say what they lack."""
    return int(request.param)


@pytest.fixture
def due_now(light: int, postgres18: PostgresServer, environment: pytest.MonkeyPatch) -> Iterator[None]:
    """That many occurrences due at once, and among them real maintenance of two databases."""
    Schedule.objects.update(retired_at=timezone.now())
    targets = []
    for name in ("side_1", "side_2"):
        postgres18.create_database(name)
        environment.setenv(f"{name.upper()}_URL", postgres18.url(name, "postgres"))
        targets.append(Target.objects.create(name=name, reference=f"env:{name.upper()}_URL"))
    for _ in range(light // 12):
        schedules.save(draft("0 * * * *", *["cache_review"] * 12, facts={"lateness_minutes": 600}), actor=None)
    for at in range(REAL):
        facts = {"target": targets[at % 2], "lateness_minutes": 600}
        schedules.save(draft("0 * * * *", "database_maintenance", facts=facts), actor=None)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    Schedule.objects.filter(retired_at__isnull=True).update(next_due_at=hour)
    yield
    with postgres18.connect() as session:
        for target in targets:
            session.execute(f"DROP DATABASE {target.name} WITH (FORCE)")


def check_nothing_twice() -> None:
    """Every occurrence has one run, every run one occurrence, and every run was claimed by one worker once."""
    assert Run.objects.count() == Occurrence.objects.filter(state="started").count()
    assert not Occurrence.objects.values("scheduled_task", "due_at").annotate(n=Count("id")).filter(n__gt=1).exists()
    ends = Counter(AuditEntry.objects.filter(target_kind="run", verb__in=ENDINGS).values_list("target_id", flat=True))
    assert set(ends.values()) == {1}


ENDINGS = ("run_succeeded", "run_warning", "run_failed", "run_not_configured", "run_lost")


def test_many_occurrences_start_once_each(due_now: None, light: int, start: Start) -> None:
    for kind in (("worker", "long"), ("worker", "long"), ("ticker",), ("ticker",)):
        start(*kind, **SHORT)
    until(lambda: Occurrence.objects.count() == light + REAL, 60, "every row to be planned")
    until(lambda: not Occurrence.objects.due().exists(), 120, "every occurrence to be started")
    until(lambda: not Run.objects.active().exists(), 60, "every run to end")
    assert dict(Counter(Occurrence.objects.values_list("state", flat=True))) == {"started": light + REAL}
    states = Counter(Run.objects.values_list("state", flat=True))
    assert states["not_configured"] == light
    assert states["succeeded"] + states["warning"] == REAL
    check_nothing_twice()


def test_told_to_stop_with_many_waiting_everything_stops_soon_and_nothing_is_lost(
    due_now: None, light: int, start: Start
) -> None:
    children = [start(*kind, **SHORT) for kind in (("worker", "long"), ("ticker",))]
    until(lambda: Occurrence.objects.filter(state="started").count() >= 5, 60, "the first ones to start")
    began = time.monotonic()
    for child in children:
        processes.signal_main(child, signal.SIGTERM)
    for child in children:
        assert processes.reap(child, grace_seconds=30), "it had to be killed"
    assert time.monotonic() - began < 10 + 5, "10 s and the 5 s that a maintenance of an empty database may take"
    states = Counter(Occurrence.objects.values_list("state", flat=True))
    assert sum(states.values()) == light + REAL
    assert set(states) <= {"due", "started"}
    start("worker", "long", **SHORT)
    start("ticker", **SHORT)
    until(lambda: not Occurrence.objects.due().exists(), 120, "the rest to be started by their successors")
    until(lambda: not Run.objects.active().exists(), 60, "every run to end")
    check_nothing_twice()
