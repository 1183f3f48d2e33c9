"""Fixtures of the admin tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from maintenance.actions import schedules
from maintenance.models import Schedule, Target
from tests.maintenance.calendar import draft

SignIn = Callable[[str], Client]


@pytest.fixture
def admin(client_as: SignIn) -> Client:
    return client_as("admin")


@pytest.fixture
def nightly(db: None, own_target: Target) -> Schedule:
    """Two tasks every day at 02:00."""
    saved = schedules.save(draft("daily 02:00", "database_maintenance", "log_rotation", key="nightly"), actor=None)
    saved.tasks.filter(task="database_maintenance").update(target=own_target)
    return saved
