"""Slots: each is taken once, by whoever comes first, and they lie apart."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from maintenance.models import Probe
from maintenance.prober import slots
from tests.maintenance.probing import make_probe, no_others

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alone(db: None) -> None:
    no_others()


def later(seconds: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=seconds)


def test_what_is_due_is_taken_with_all_that_is_needed_to_look() -> None:
    probe = make_probe(slow_ms=500)
    make_probe("Later", next_at=later(60))
    make_probe("Paused", paused_at=timezone.now())
    make_probe("Retired", retired_at=timezone.now())
    (taken,) = slots.take(10)
    assert (taken.probe, taken.kind, taken.interval, taken.timeout, taken.slow_ms) == (probe.pk, "http", 30, 10, 500)
    assert (taken.parameters, taken.reference) == (probe.parameters, "")
    assert slots.take(10) == []


def test_the_next_slot_lies_on_the_probes_grid_half_an_interval_away_at_least() -> None:
    for number in range(40):
        make_probe(f"Web {number}")
    before = {probe.pk: probe.next_at for probe in Probe.objects.all()}
    assert len(slots.take(100)) == 40
    first = {probe.pk: probe.next_at for probe in Probe.objects.active()}
    for pk, at in first.items():
        assert 14 <= (at - before[pk]).total_seconds() <= 46
    Probe.objects.active().update(next_at=F("next_at") - dt.timedelta(seconds=30))
    slots.take(100)
    moved = {probe.pk: (probe.next_at - first[probe.pk]).total_seconds() for probe in Probe.objects.active()}
    assert all(abs(seconds - 30 * round(seconds / 30)) < 0.001 for seconds in moved.values()), "still on the grid"


def test_many_probes_of_one_interval_are_spread_over_it() -> None:
    for number in range(60):
        make_probe(f"Web {number}")
    slots.take(100)
    places = Counter(int(probe.next_at.timestamp() % 30) // 5 for probe in Probe.objects.active())
    assert len(places) == 6
    assert max(places.values()) <= 14


def test_no_more_are_taken_than_there_is_room_for_the_oldest_first() -> None:
    for number in range(5):
        make_probe(f"Web {number}", next_at=later(-number))
    assert {taken.probe for taken in slots.take(2)} == set(
        Probe.objects.filter(name__in=["Web 3", "Web 4"]).values_list("pk", flat=True)
    )
    assert len(slots.take(10)) == 3


def test_slots_that_were_lost_are_not_read_all_at_once() -> None:
    for number in range(30):
        make_probe(f"Web {number}", next_at=later(-3600))
    assert slots.move_on() == 30
    assert len(slots.take(100)) < 30
    assert Probe.objects.active().filter(next_at__lte=later(30.5)).count() == 30


def test_a_slot_from_before_the_clock_was_put_back_is_given_up() -> None:
    probe = make_probe(next_at=later(3600))
    assert slots.take(1) == []
    slots.move_on()
    probe.refresh_from_db()
    assert probe.next_at <= later(30.5)


def test_the_credentials_are_the_targets(own_target: object) -> None:
    make_probe(kind="postgres", parameters={}, target=own_target)
    assert slots.take(1)[0].reference == "own"


@pytest.mark.django_db(transaction=True)
def test_many_who_take_at_the_same_time_never_take_the_same_slot() -> None:
    for number in range(100):
        make_probe(f"Web {number}")
    taken: list[int] = []
    together = Barrier(4)

    def take() -> None:
        together.wait()
        for _ in range(20):
            taken.extend(slot.probe for slot in slots.take(3))
        connection.close()

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken += [slot.probe for slot in slots.take(100)]
    assert sorted(taken) == sorted(Probe.objects.active().values_list("pk", flat=True))
