"""Figures and differences as people read them."""

from __future__ import annotations

import pytest

from maintenance.rules.figure_words import Figure, change, figure, minus


@pytest.mark.parametrize(
    ("value", "unit", "digits", "text"),
    [
        (None, "ratio", 1, "—"),
        (0.984375, "ratio", 1, "98.4\u00a0%"),
        (0.99999, "ratio", 3, "99.999\u00a0%"),
        (0.9999999, "ratio", 3, "99.999\u00a0%"),
        (1.0, "ratio", 1, "100.0\u00a0%"),
        (221.0, "seconds", 0, "3m 41s"),
        (1204, "count", 0, "1,204"),
        (2.46, "days", 0, "2.5 days"),
    ],
)
def test_a_value(value: Figure, unit: str, digits: int, text: str) -> None:
    assert figure(value, unit, digits) == text


@pytest.mark.parametrize(
    ("now", "before", "unit", "text"),
    [
        (None, 1, "count", ""),
        (1, None, "count", ""),
        (0.984375, 1.0, "ratio", "−1.6 pt"),
        (0.9668, 0.9612, "ratio", "+0.5 pt"),
        (0.99999, 1.0, "ratio", "−0.1 pt"),
        (0.99991, 0.99999, "ratio", "0.0 pt"),
        (221.0, 214.0, "seconds", "+7s"),
        (10.0, 75.0, "seconds", "−1m 05s"),
        (4, 4, "count", "0"),
        (62, 64, "count", "−2"),
        (2.25, 1.0, "days", "+1.2 days"),
    ],
)
def test_a_change(now: Figure, before: Figure, unit: str, text: str) -> None:
    assert change(now, before, unit) == text


def test_there_is_no_difference_to_what_is_not_known() -> None:
    assert (minus(3, 1), minus(None, 1), minus(1, None)) == (2, None, None)
