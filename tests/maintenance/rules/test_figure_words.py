"""Figures and differences as people read them."""

from __future__ import annotations

import pytest

from maintenance.rules.figure_words import Figure, difference, figure, minus


@pytest.mark.parametrize(
    ("value", "unit", "digits", "text"),
    [
        (None, "ratio", 1, "—"),
        (0.984375, "ratio", 1, "98.4%"),
        (0.99999, "ratio", 3, "99.999%"),
        (0.9999999, "ratio", 3, "99.999%"),
        (1.0, "ratio", 1, "100.0%"),
        (221.0, "seconds", 0, "3m 41s"),
        (1204, "count", 0, "1,204"),
        (2.46, "days", 0, "2.5 days"),
    ],
)
def test_a_value(value: Figure, unit: str, digits: int, text: str) -> None:
    assert figure(value, unit, digits) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "count", "—"),
        (-0.015625, "ratio", "−1.6 pt"),
        (0.006, "ratio", "+0.6 pt"),
        (-0.0000001, "ratio", "0.0 pt"),
        (7.0, "seconds", "+7s"),
        (-65.0, "seconds", "−1m 05s"),
        (0, "count", "0"),
        (-2, "count", "−2"),
        (1.25, "days", "+1.2 days"),
    ],
)
def test_a_difference(value: Figure, unit: str, text: str) -> None:
    assert difference(value, unit) == text


def test_there_is_no_difference_to_what_is_not_known() -> None:
    assert (minus(3, 1), minus(None, 1), minus(1, None)) == (2, None, None)
