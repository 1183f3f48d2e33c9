"""How bad it is that sessions take so long, and that so much is used up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from maintenance.rules import session_severity as rules


@pytest.mark.parametrize(
    ("rule", "seconds", "severity"),
    [
        (rules.of_long_query, 301, "low"),
        (rules.of_long_query, 1800, "medium"),
        (rules.of_idle_in_transaction, 61, "low"),
        (rules.of_idle_in_transaction, 300, "medium"),
        (rules.of_idle_in_transaction, 3600, "high"),
        (rules.of_blocked, 31, "medium"),
        (rules.of_blocked, 300, "high"),
    ],
)
def test_time_makes_it_worse(rule: Callable[[float], str], seconds: float, severity: str) -> None:
    assert rule(seconds) == severity


@pytest.mark.parametrize(
    ("used", "usable", "severity"),
    [(0, 100, None), (70, 100, None), (71, 100, "medium"), (90, 100, "medium"), (91, 100, "high"), (1, 0, None)],
)
def test_connections_are_short_before_they_are_gone(used: int, usable: int, severity: str | None) -> None:
    assert rules.of_connections(used, usable) == severity


@pytest.mark.parametrize(
    ("share", "severity"), [(0.69, None), (0.7, "medium"), (0.8, "high"), (0.9, "critical"), (1.0, "critical")]
)
def test_a_sequence_is_told_of_before_it_ends(share: float, severity: str | None) -> None:
    assert rules.of_sequence(share) == severity
