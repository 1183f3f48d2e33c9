"""Fixtures of the admin tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client


@pytest.fixture
def lead(client_as: Callable[[str], Client]) -> Client:
    return client_as("lead")


@pytest.fixture
def manager(client_as: Callable[[str], Client]) -> Client:
    return client_as("manager")
