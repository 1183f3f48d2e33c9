"""What means a run, and which tasks words name."""

from __future__ import annotations

import pytest

from maintenance.rules import run_search

NAMED = {"database_maintenance": "Database maintenance", "full_backup": "Full system backup", "log_rotation": "Logs"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("run 12", 12),
        (" Run #12 ", 12),
        ("runs 12", 12),
        ("run-12", 12),
        ("run12", 12),
        ("#12", 12),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 40, None),
        ("", None),
        ("run", None),
        ("INC-12", None),
        ("12 34", None),
        ("run ١٢", None),
        ("12\x00", None),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, number: int | None) -> None:
    assert run_search.number(text) == number


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("database", ["database_maintenance"]),
        ("DATA maint", ["database_maintenance"]),
        ("runs of database", []),
        ("run backup", ["full_backup"]),
        ("rotation", ["log_rotation"]),
        ("base", []),
        ("database backup", []),
        ("run", []),
        ("", []),
        ("%_", []),
        ("x" * 10_000, []),
    ],
)
def test_a_task_is_found_by_the_beginnings_of_its_words(text: str, keys: list[str]) -> None:
    assert [key for key, _ in run_search.tasks(text, NAMED)] == keys
