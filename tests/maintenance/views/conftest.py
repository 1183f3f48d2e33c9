"""Fixtures of the schedule page: a night to come, and a schedule that this version can carry out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from maintenance.actions import planning, schedules
from maintenance.models import Schedule, ScheduledTask
from tests.maintenance.calendar import draft, instant
from tests.maintenance.toys import with_task

SignIn = Callable[[str], Client]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(instant("2026-04-08 01:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def nightly(clock: time_machine.Traveller, db: None, monkeypatch: pytest.MonkeyPatch) -> Schedule:
    """One task that this version carries out, every day at 02:00."""
    with_task(monkeypatch, needs="")
    return schedules.save(draft("daily 02:00", "toy", key="nightly", facts={"parameters": {"size": 7}}), actor=None)


@pytest.fixture
def task(nightly: Schedule) -> ScheduledTask:
    return nightly.tasks.get()


@pytest.fixture
def lead(nightly: Schedule, client_as: SignIn) -> Client:
    return client_as("lead")


@pytest.fixture
def week() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(instant("2026-04-07 03:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def night(week: time_machine.Traveller, db: None) -> Schedule:
    """Four tasks every day at 02:00, planned for the night of Wednesday. The shipped calendar is out of the way."""
    Schedule.objects.update(retired_at=timezone.now())
    keys = ("database_maintenance", "log_rotation", "cache_review", "temp_files")
    schedule = schedules.save(draft("daily 02:00", *keys, key="nightly"), actor=None)
    week.move_to(instant("2026-04-08 02:00"))
    planning.plan_due(timezone.now())
    week.move_to(instant("2026-04-08 08:00"))
    return schedule
