"""Fixtures of the embedded servers' tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zbmaint.embedded.accounts import temporary_directory


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that the server's account can walk through (pytest's own is closed to it)."""
    made = temporary_directory("zbmaint-test-")
    yield made
    shutil.rmtree(made, ignore_errors=True)
