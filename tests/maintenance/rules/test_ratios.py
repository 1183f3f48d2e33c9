"""Shares in percent: cut off, never rounded up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.rules.ratios import percent, ratio


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.999996, 3, "99.999"),
        (0.29, 1, "29.0"),
        (0.57, 0, "57"),
        (1.0, 3, "100.000"),
        (2 / 3, 1, "66.6"),
        (0.0, 1, "0.0"),
        (1e-9, 3, "0.000"),
        (None, 3, "—"),
    ],
)
def test_it_is_cut_off(share: float | None, digits: int, text: str) -> None:
    assert percent(share, digits) == text


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(0, 4))
def test_it_is_never_more_than_it_is_and_less_by_no_more_than_the_last_digit(a: int, b: int, digits: int) -> None:
    part, whole = min(a, b), max(a, b)
    share = ratio(part, whole)
    assert share is not None
    written = Decimal(percent(share, digits))
    assert 0 <= Decimal(repr(share)) * 100 - written < Decimal(1).scaleb(-digits)
    assert (written == 100) <= (share == 1)


def test_of_nothing_there_is_no_share() -> None:
    assert ratio(0, 0) is None
