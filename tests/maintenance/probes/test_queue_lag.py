"""The probe of a queue's lag, in the product's own database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.probes import queue_lag
from maintenance.probes.kind import BadParameter, Look, Order
from maintenance.rules.probe_states import DEGRADED, DOWN, UNKNOWN, UP
from tests.services import free_port
from zbmaint.queue import canary

GIVEN = {"queue": "short", "degraded_seconds": 60, "down_seconds": 300}


def look() -> Look:
    return queue_lag.look(Order(queue_lag.check(GIVEN), 5.0))


def waiting(seconds: float) -> None:
    OrmQ.objects.update(lock=timezone.now() - dt.timedelta(seconds=seconds))


@pytest.mark.parametrize(("seconds", "state"), [(1, UP), (59, UP), (70, DEGRADED), (299, DEGRADED), (400, DOWN)])
def test_the_oldest_waiting_message_counts(transactional_db: None, seconds: float, state: str) -> None:
    assert look() == Look(UP)
    canary.send("short")
    waiting(seconds)
    assert look().state == state


def test_it_says_how_many_and_how_long(transactional_db: None) -> None:
    canary.send("short")
    canary.send("short")
    canary.send("long")
    waiting(400)
    assert look().reason == "The oldest of 2 waiting messages has waited 7 min."


def test_what_was_fetched_does_not_wait(transactional_db: None) -> None:
    canary.send("short")
    waiting(-100)
    assert look() == Look(UP)


def test_without_the_database_nothing_is_known_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "127.0.0.1")
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", str(free_port()))
    seen = look()
    assert (seen.state, seen.answered) == (UNKNOWN, False)
    assert seen.reason.startswith("The queues cannot be read.")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"queue": "other"}, "queue"),
        ({"degraded_seconds": 0}, "degraded_seconds"),
        ({"down_seconds": 10**9}, "down_seconds"),
        ({"degraded_seconds": 90, "down_seconds": 60}, "down_seconds"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadParameter) as refused:
        queue_lag.check({**GIVEN, **given})
    assert refused.value.name == field
