from __future__ import annotations

import statistics

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as some

from zbmaint.rollup import spread
from zbmaint.rollup.spread import LARGEST, Spread, pack

DAYS = some.lists(some.lists(some.integers(0, 10_000)), max_size=5)
SHARES = (0.0, 0.5, 0.9, 0.95, 1.0)


@given(DAYS)
def test_many_days_are_one_lot(days: list[list[int]]) -> None:
    found, every = Spread(map(pack, days)), sorted(value for day in days for value in day)
    assert (found.number, found.total) == (len(every), sum(every))
    assert found.mean == (statistics.fmean(every) if every else None)
    assert found.largest == max(every, default=None)
    assert found.quantile(0.5) == (statistics.median(every) if every else None)


@pytest.mark.django_db
@limits(max_examples=60, deadline=None)
@given(DAYS)
def test_quantiles_are_those_of_the_database(days: list[list[int]]) -> None:
    found = Spread(map(pack, days))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY value) FROM unnest(%s::int[]) AS value",
            [list(SHARES), [value for day in days for value in day]],
        )
        expected = cursor.fetchone()[0]
    assert [found.quantile(share) for share in SHARES] == (pytest.approx(expected) if expected else [None] * 5)


@pytest.mark.parametrize("few", [0, 3])
@limits(max_examples=100)
@given(days=DAYS)
def test_values_stand_in_their_order_however_they_are_searched(few: int, days: list[list[int]]) -> None:
    parts, every = [pack(day) for day in days], sorted(value for day in days for value in day)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "FEW", few)
        found = [Spread(parts)._from(place) for place in range(len(every))]
    assert found == list(zip(every, [*every[1:], *every[-1:]], strict=True))


def test_what_is_joined_is_all_of_it() -> None:
    joined = Spread.joined([Spread([pack([1, 5])]), Spread([]), Spread([pack([2]), pack([9])])])
    assert (joined.number, joined.total, joined.largest, joined.quantile(0.5)) == (4, 17, 9, 3.5)
    assert Spread.joined([]).mean is None


def test_what_is_too_large_counts_as_the_largest() -> None:
    assert Spread([pack([LARGEST + 5, 3])]).largest == LARGEST
