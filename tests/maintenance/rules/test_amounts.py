"""Numbers in words."""

import pytest

from maintenance.rules.amounts import clock, count, duration, moment, size


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (48_210, "48,210 rows")])
def test_a_count(number: int, text: str) -> None:
    assert count(number, "row") == text


def test_a_count_with_a_plural_of_its_own() -> None:
    assert count(2, "query", "queries") == "2 queries"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (8192, "8.0 KiB"),
        (1_500_000, "1.4 MiB"),
        (160e9, "149 GiB"),
        (9e15, "8,185 TiB"),
    ],
)
def test_a_size(number: float, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0124, "12 ms"),
        (0.0996, "0.1 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (186, "3 min 06 s"),
        (7500, "2 h 05 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_a_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "00:00:00"), (3725, "01:02:05"), (90_000, "25:00:00")])
def test_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("", ""),
        ("2026-04-05T03:01:59.123456+00:00", "5 Apr 2026, 03:01 UTC"),
        ("2026-04-05T05:01:00+02:00", "5 Apr 2026, 03:01 UTC"),
    ],
)
def test_moments(iso: str, words: str) -> None:
    assert moment(iso) == words
