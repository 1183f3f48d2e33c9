from __future__ import annotations

import statistics

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as some

from zbmaint.rollup.spread import LARGEST, Spread, pack

DAYS = some.lists(some.lists(some.integers(0, 10_000)), max_size=5)
SHARES = (0.0, 0.5, 0.9, 0.95, 1.0)


@given(DAYS)
def test_many_days_are_one_lot(days: list[list[int]]) -> None:
    spread, every = Spread(map(pack, days)), sorted(value for day in days for value in day)
    assert (spread.number, spread.total) == (len(every), sum(every))
    assert spread.mean == (statistics.fmean(every) if every else None)
    assert spread.largest == max(every, default=None)
    assert spread.quantile(0.5) == (statistics.median(every) if every else None)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(DAYS)
def test_quantiles_are_those_of_the_database(days: list[list[int]]) -> None:
    spread = Spread(map(pack, days))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY value) FROM unnest(%s::int[]) AS value",
            [list(SHARES), [value for day in days for value in day]],
        )
        expected = cursor.fetchone()[0]
    assert [spread.quantile(share) for share in SHARES] == (pytest.approx(expected) if expected else [None] * 5)


def test_what_is_too_large_counts_as_the_largest() -> None:
    assert Spread([pack([LARGEST + 5, 3])]).largest == LARGEST
