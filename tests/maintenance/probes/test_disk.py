"""The disk probe, at the real file system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from maintenance.probes import disk
from maintenance.probes.kind import BadParameter, Look, Order
from maintenance.rules.probe_states import DEGRADED, DOWN, UP

NONE = {"degraded_percent": 0, "down_percent": 0, "degraded_gb": 0, "down_gb": 0}


def look(path: Path | str, **limits: int) -> Look:
    return disk.look(Order(disk.check({"path": str(path), **NONE, **limits}), 5.0))


@pytest.mark.parametrize(
    ("limits", "state"),
    [
        ({}, UP),
        ({"degraded_percent": 100}, DEGRADED),
        ({"degraded_percent": 100, "down_percent": 100}, DOWN),
        ({"degraded_gb": 1_000_000}, DEGRADED),
        ({"degraded_gb": 1_000_000, "down_gb": 1_000_000}, DOWN),
    ],
)
def test_too_little_room_is_degraded_and_then_down(tmp_path: Path, limits: dict[str, int], state: str) -> None:
    seen = look(tmp_path, **limits)
    assert seen.state == state
    assert state == UP or "are free (" in seen.reason


def test_a_folder_that_is_not_there_is_down(tmp_path: Path) -> None:
    seen = look(tmp_path / "gone")
    assert (seen.state, seen.reason) == (DOWN, f"{tmp_path}/gone cannot be looked at: no such file or directory.")


def test_own_is_the_data_folder() -> None:
    assert disk.where({"path": "own"}) == settings.LAYOUT.root


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"path": "data"}, "path"),
        ({"path": ""}, "path"),
        ({"path": "/\0"}, "path"),
        ({"path": "/" + "x" * 10_000}, "path"),
        ({"degraded_percent": 101}, "degraded_percent"),
        ({"degraded_percent": "-1"}, "degraded_percent"),
        ({"down_percent": "a few"}, "down_percent"),
        ({"down_gb": None}, "down_gb"),
        ({"degraded_percent": 10, "down_percent": 20}, "down_percent"),
        ({"degraded_gb": 10, "down_gb": 20}, "down_gb"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadParameter) as refused:
        disk.check({"path": "/", **NONE, **given})
    assert refused.value.name == field
