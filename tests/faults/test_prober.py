"""Real probers on one database: killed, cut off, with servers that hang, for a short while and for ten minutes."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from incidents.models import Ticket
from maintenance.actions import timelines
from maintenance.models import Outage, Probe, Reading, Span
from maintenance.rules import probe_states
from maintenance.rules.probe_states import Sample
from tests.faults.conftest import Start
from tests.maintenance.connectors.impostors import impostor, silent
from tests.maintenance.probing import make_probe, no_others
from tests.receivers import Receiver, receiver, status
from tests.waiting import until
from zbmaint import processes
from zbmaint.queue.presence import alive

ALLOWED = {"HTTP_ALLOWED_PRIVATE": "127.0.0.1"}


@dataclass(frozen=True)
class Platform:
    """Probes of a server that answers, and of one that never does."""

    server: Receiver
    interval: int
    probes: int

    def fewest_readings(self) -> int:
        counts = Probe.objects.active().annotate(count=Count("readings")).values_list("count", flat=True)
        return min(counts)

    def gaps(self) -> list[float]:
        """The seconds between one reading of a probe and its next, of all."""
        times: dict[int, list[dt.datetime]] = defaultdict(list)
        for probe, at in Reading.objects.order_by("at").values_list("probe_id", "at"):
            times[probe].append(at)
        return [
            (after - before).total_seconds() for each in times.values() for before, after in itertools.pairwise(each)
        ]

    def timelines_are_those_of_all_readings(self) -> bool:
        """Whether what was folded meanwhile is what all readings at once make."""
        read: dict[int, list[Sample]] = defaultdict(list)
        for reading in Reading.objects.only("probe", "at", "state"):
            read[reading.probe_id].append(Sample(reading.at, reading.state))
        stored: dict[int, list[probe_states.Span]] = defaultdict(list)
        for span in Span.objects.order_by("begins"):
            stored[span.probe_id].append(probe_states.Span(span.state, span.begins, span.ends))
        begins, ends = timezone.now() - dt.timedelta(days=1), timezone.now() + dt.timedelta(days=1)
        return all(
            stored[probe.pk]
            == [
                span
                for span in probe_states.timeline(read[probe.pk], probe.terms, begins, ends)
                if span.state != probe_states.UNKNOWN
            ]
            for probe in Probe.objects.active()
        )

    def states_of(self, name: str) -> set[str]:
        return set(Reading.objects.filter(probe__name__startswith=name).values_list("state", flat=True))


def fold() -> float:
    """Fold what was read, as the ticker does. Returns the seconds that it took."""
    began = time.monotonic()
    timelines.fold_readings(timezone.now())
    return time.monotonic() - began


@contextmanager
def platform(*, interval: int, timeout: int, answering: int, hanging: int) -> Iterator[Platform]:
    """The servers, and their probes; nothing else is looked at."""
    no_others()
    with receiver(status(200)) as server, impostor(silent) as port:
        terms = {"interval_seconds": interval, "timeout_seconds": timeout}
        for number in range(answering):
            make_probe(f"Web {number}", url=server.url(), **terms)
        for number in range(hanging):
            make_probe(f"Hung {number}", url=f"http://127.0.0.1:{port}/", **terms)
        yield Platform(server, interval, answering + hanging)


def test_two_copies_read_every_slot_once_though_one_is_killed_and_a_server_hangs(installed: None, start: Start) -> None:
    with platform(interval=6, timeout=3, answering=24, hanging=1) as made:
        first, second = start("prober", **ALLOWED), start("prober", **ALLOWED)
        until(lambda: alive("prober").count() == 2, 60, "both probers")
        until(lambda: made.fewest_readings() >= 1, 60, "a reading of each")
        os.kill(first.pid, signal.SIGKILL)
        # The other one loses its session with our database, too.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        until(lambda: made.fewest_readings() >= 4, 90, "more readings of each")
        until(Outage.objects.going_on().exists, 30, "the outage of the one that hangs")
        gaps = made.gaps()
        assert min(gaps) > made.interval / 2 - 0.1, "a slot was read twice"
        assert max(gaps) < 3 * made.interval, "more was lost than the slots that the killed one had taken"
        assert made.states_of("Web") == {"up"}
        assert made.states_of("Hung") == {"down"}
        assert [ticket.title for ticket in Ticket.objects.all()] == ["Hung 0 is down"]
        began = time.monotonic()
        assert processes.stop(second, grace_seconds=10)
        assert second.returncode == 0
        assert time.monotonic() - began < 10
        assert not alive("prober").filter(pid=second.pid).exists()


def test_settings_that_cannot_be_are_refused_in_words(start: Start) -> None:
    for wrong in ({"PROBER_THREADS": "0"}, {"PROBER_ANCHORS": "router"}):
        child = start("prober", **wrong)
        processes.reap(child, grace_seconds=60)
        assert child.returncode == 1


@pytest.mark.long
@pytest.mark.parametrize(("hanging", "seconds"), [(10, 600), (200, 120)], ids=["ten hang", "all hang"])
def test_two_hundred_probes_are_read_in_time(installed: None, start: Start, hanging: int, seconds: float) -> None:
    with platform(interval=30, timeout=10, answering=200 - hanging, hanging=hanging) as made:
        prober = start("prober", **ALLOWED)
        until(lambda: made.fewest_readings() >= 1, 120, "a reading of each")
        watched = psutil.Process(prober.pid)
        before, began = sum(watched.cpu_times()[:2]), time.monotonic()
        folds: list[float] = []
        while time.monotonic() - began < seconds and prober.poll() is None:
            # What the ticker does meanwhile.
            until(lambda: time.monotonic() - began > 15 * (len(folds) + 1) or prober.poll() is not None, 60, "a fold")
            folds.append(fold())
        cpu = (sum(watched.cpu_times()[:2]) - before) / (time.monotonic() - began)
        gaps = made.gaps()
        sys.stdout.write(
            f"{made.probes} probes, {Reading.objects.count()} readings, {cpu:.1%} of one core, "
            f"from {min(gaps):.1f} to {max(gaps):.1f} s between two readings of a probe, "
            f"{watched.memory_info().rss / 2**20:.0f} MB; folding took at most {max(folds):.2f} s\n"
        )
        assert max(gaps) <= 2 * made.interval, "a reading was late by more than one interval"
        assert min(gaps) > made.interval / 2 - 0.1
        assert made.states_of("Web") <= {"up"}
        assert made.states_of("Hung") == {"down"}
        assert Outage.objects.going_on().count() == hanging
        assert cpu < 0.5
        assert processes.stop(prober, grace_seconds=10)
        fold()
        assert made.timelines_are_those_of_all_readings()
